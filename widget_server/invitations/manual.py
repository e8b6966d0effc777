"""An agent's own decision: ask now, whatever the rules of asking say. Flushes, never commits.

What the rules weigh (messages, waits, every n-th) is for those who decide unread; an agent has seen the talk. What must
never be broken holds here, too: nobody rates their own work, nobody is asked twice about one part, and who was erased
stays so.
"""

from __future__ import annotations

from ..conversations import service as conversations
from ..conversations.models import Agent, Conversation
from ..core import clock
from ..core.errors import Conflict
from ..sites.models import Site
from ..surveys.service import survey_for
from .conversation_state import ConversationState
from .models import Invitation
from .rules import REASONS, STAFF
from .service import Decision, Ending, end_segment, is_staff, visitor_of, write_decision
from .snapshot import freeze, manual_decision

SOURCE = "agent"
MAX_NOTE_LENGTH = 200


def ask_now(site: Site, state: ConversationState, agent: Agent | None) -> Invitation:
    """Ask about the last part, which ends with this if it is open; what was asked about it already stands as it is.

    `state` is that of `lock_state`. A decision not to ask stays in the ledger, with the question as the next row.
    `Conflict` where nobody can be asked.
    """
    conversation, segment = state.conversation, state.last_segment
    decided = state.newest_decision(segment)
    if decided is not None and decided.status != "not_asked":
        return decided
    survey, visitor = survey_for(site.id, "chat_end"), visitor_of(conversation)
    if conversation.erased_at is not None:
        raise Conflict("Its visitor was erased, and nobody is left to ask.", code="erased")
    if survey is None:
        raise Conflict("No survey for the end of a chat is open. Open one, then ask again.", code="no_survey")
    if is_staff(visitor):
        raise Conflict(f"Nobody can be asked: {REASONS[STAFF]}.", code=STAFF)
    if segment.ended_at is None:
        conversations.close_segment(conversation, state.segments, ended_at=clock.now(), ended_by=SOURCE, closer=agent)
    conversations.touch(conversation)
    context = {**freeze(conversation, segment, visitor), **manual_decision(agent)}
    attempt = decided.attempt + 1 if decided else 1
    decision = Decision(SOURCE, proof_of(conversation), None, context, attempt)
    return write_decision(site, state, segment, survey, decision)


def close_quietly(site: Site, state: ConversationState, agent: Agent | None, note: str | None) -> Invitation:
    """End the open part and ask nobody; the reason is kept. Of a part that ended before the decision stands."""
    ending = Ending(SOURCE, proof_of(state.conversation), closer=agent, ask=False, note=note)
    return end_segment(site, state, ending)


def proof_of(conversation: Conversation) -> str:
    """What only a page told of stays unproven, whoever asks."""
    return "page" if conversation.external_id is None else "back_end"
