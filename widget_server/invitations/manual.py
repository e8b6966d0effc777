"""Manual invitations: an agent or the back end decides to ask or not to ask. Flushes, never commits.

The rules on messages, cooldowns and sampling replace a look at the conversation, and an agent has seen it, so they do
not apply. These limits still do: staff do not rate, a segment is asked about once, and an erased visitor stays erased.
"""

from __future__ import annotations

from ..conversations import service as conversations
from ..conversations.models import Agent, Conversation
from ..conversations.segments import close_segment
from ..core import clock
from ..core.errors import Conflict
from ..core.marked_texts import marked
from ..sites.models import Site
from ..surveys.service import survey_for
from .conversation_state import ConversationState
from .models import Invitation
from .rules import REASONS, STAFF
from .service import Decision, Ending, end_segment, is_staff, load_visitor, write_decision
from .snapshot import freeze_context, freeze_decision

SOURCE = "agent"
MAX_NOTE_LENGTH = 200


def ask_now(site: Site, state: ConversationState, agent: Agent | None) -> Invitation:
    """Ask about the last segment, ending it if it is open, or return the invitation that was sent about it.

    `state` comes from `lock_state`. An earlier decision not to ask stays in the ledger, and the invitation is the next
    attempt. Raises `Conflict` if the visitor was erased or is staff, or if no survey is open.
    """
    conversation, segment = state.conversation, state.last_segment
    earlier_decision = state.newest_decision(segment)
    if earlier_decision is not None and earlier_decision.status != "not_asked":
        return earlier_decision
    survey, visitor = survey_for(site.id, "chat_end"), load_visitor(conversation)
    if conversation.erased_at is not None:
        raise Conflict("The visitor was erased and cannot be asked.", code="erased")
    if survey is None:
        raise Conflict("No survey is open for the end of a chat. Open one, then ask again.", code="no_survey")
    if is_staff(visitor):
        raise Conflict(marked("Cannot ask: %(reason)s.", reason=marked(REASONS[STAFF])), code=STAFF)
    if segment.ended_at is None:
        close_segment(conversation, state.segments, ended_by=SOURCE, closer=agent)
    conversations.move_conversation(conversation, clock.now())
    conversations.publish_change(conversation)
    context = {**freeze_context(conversation, segment, visitor), **freeze_decision(agent)}
    attempt = earlier_decision.attempt + 1 if earlier_decision else 1
    decision = Decision(SOURCE, to_proof(conversation), None, context, attempt)
    return write_decision(site, state, segment, survey, decision)


def close_without_asking(site: Site, state: ConversationState, agent: Agent | None, note: str | None) -> Invitation:
    """End the open segment without asking and store the note. A segment that ended before keeps its decision."""
    ending = Ending(SOURCE, to_proof(state.conversation), closer=agent, ask=False, note=note)
    return end_segment(site, state, ending)


def to_proof(conversation: Conversation) -> str:
    """Return the proof of a manual decision: a conversation that only a page claims stays unverified."""
    return "page" if conversation.external_id is None else "back_end"
