"""The doors through which conversations go on and end, because each of these decides who is asked.

Flushes, never commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..conversations import service as conversations
from ..conversations.messages import NewMessage, StoredMessage, store_messages
from ..conversations.models import Agent, Conversation, Segment
from ..conversations.queries import message_counts
from ..core import clock
from ..core.errors import Conflict
from ..sites.models import Site
from ..storage.db import db
from ..surveys.models import Survey
from ..surveys.service import newest_revision, survey_for
from ..visitors.models import Visitor
from . import transitions
from .conversation_state import ConversationState, lock_state
from .models import Invitation
from .queries import last_shown_elsewhere
from .rules import MANUAL, NOT_SAMPLED, STAFF, Case, is_sampled, reason_not_to_ask, settings_for
from .sampling import next_number
from .snapshot import freeze, manual_decision


@dataclass(frozen=True)
class Ending:
    """Who says that a part ended, and how."""

    #: page, back_end, agent (by hand), or an integration's name.
    source: str
    #: signature, browser, back_end, or page (a claim).
    proof: str
    ended_at: datetime | None = None
    closer: Agent | None = None
    #: False closes without asking.
    ask: bool = True
    #: Why, in the closer's own words, when nobody is to be asked.
    note: str | None = None


@dataclass(frozen=True)
class Decision:
    """Whether to ask: None as `reason` asks. The rest is what the ledger keeps with it."""

    source: str
    proof: str
    reason: str | None
    context: dict[str, Any]
    attempt: int = 1


def add_messages(site: Site, conversation: Conversation, new_messages: Sequence[NewMessage]) -> list[StoredMessage]:
    """Store messages, each once by its external id; withdraw an old question once the new part deserves its own."""
    state = lock_state(conversation)
    kept = store_messages(conversation, state.segments, new_messages)
    newest = max((message.segment for message in kept), key=lambda segment: segment.number)
    if newest.ended_at is None and newest.number > 1:
        _withdraw_when_qualified(site, state, newest)
    return kept


def end_segment(site: Site, state: ConversationState, ending: Ending) -> Invitation:
    """End the open part, decide once whether to ask, and write the decision into the ledger.

    `state` is that of `lock_state`. Ended twice is ended once, also when the talk went on in between.
    """
    conversation, segment = state.conversation, _part_ended_by(state, ending.ended_at)
    decided = state.newest_decision(segment)
    if decided is not None:
        return decided
    if segment.ended_at is None:
        ended_at = ending.ended_at or clock.now()
        conversations.close_segment(
            conversation, state.segments, ended_at=ended_at, ended_by=ending.source, closer=ending.closer
        )
        conversations.touch(conversation)
    invitation = _decide(site, state, segment, ending)
    if state.last_segment is not segment:
        _withdraw_when_qualified(site, state, state.last_segment)
    return invitation


def _part_ended_by(state: ConversationState, ended_at: datetime | None) -> Segment:
    """The part that an end is about: the last one, unless the end is of a moment at which an earlier one was over."""
    if ended_at is not None:
        for segment in state.segments:
            if segment.ended_at is not None and ended_at <= segment.ended_at:
                return segment
    return state.last_segment


def reopen(site: Site, conversation: Conversation) -> Segment:
    """Open a new part by decision, not by a message. The old question stays until the new part deserves its own."""
    state = lock_state(conversation)
    if state.last_segment.ended_at is None:
        raise Conflict("This conversation is open already.", code="open")
    conversations.touch(conversation)
    return conversations.open_segment(conversation, state.segments, clock.now())


def invitation_to_show(state: ConversationState) -> Invitation | None:
    """What the visitor's page has to show: the last part's question or answer, else an older one still awaiting its
    press.
    """
    decided = state.newest_decision(state.last_segment)
    if decided is not None and decided.status != "not_asked":
        return decided
    still_open = [invitation for invitation in state.open_invitations(clock.now()) if invitation.status != "dismissed"]
    return still_open[-1] if still_open else decided


def _decide(site: Site, state: ConversationState, segment: Segment, ending: Ending) -> Invitation:
    survey, visitor = survey_for(site.id, "chat_end"), visitor_of(state.conversation)
    reason = STAFF if is_staff(visitor) else _reason(site, state, segment, survey, ending)
    context = freeze(state.conversation, segment, visitor)
    if reason == MANUAL:
        context |= manual_decision(ending.closer, ending.note)
    source = ending.source if ending.source in ("page", "agent") else "back_end"
    decision = Decision(source, ending.proof, reason, context)
    return write_decision(site, state, segment, survey, decision)


def visitor_of(conversation: Conversation) -> Visitor | None:
    if conversation.visitor_id is None:
        return None
    return db.session.get(Visitor, (conversation.site_id, conversation.visitor_id))


def is_staff(visitor: Visitor | None) -> bool:
    return visitor is not None and conversations.is_staff(db.session, visitor.site_id, visitor.external_id)


def write_decision(
    site: Site, state: ConversationState, segment: Segment, survey: Survey | None, decision: Decision
) -> Invitation:
    """The next row of the segment's ledger; where it asks, older questions are withdrawn."""
    conversation = state.conversation
    where = {"segment_id": segment.id, "visitor_id": conversation.visitor_id, "channel": conversation.channel}
    invitation = record(site, survey, decision, **where)
    state.add_decision(segment, invitation)
    if invitation.status == "asked" and segment.number > 1:
        _withdraw_older(state, segment)
    return invitation


def record(site: Site, survey: Survey | None, decision: Decision, **where: Any) -> Invitation:
    """A decision as a row of the ledger; `where` are the columns that say about what, whom, and in which channel."""
    now = clock.now()
    asked = decision.reason is None and survey is not None
    invitation = Invitation(
        **where,
        site_id=site.id,
        attempt=decision.attempt,
        source=decision.source,
        status="asked" if asked else "not_asked",
        reason=decision.reason,
        proof=decision.proof,
        revision_id=newest_revision(site.id, survey.id).id if asked and survey else None,
        context=decision.context,
        decided_at=now,
        decided_on=clock.local_day(now, site.time_zone),
        expires_at=now + timedelta(hours=survey.window_hours) if asked and survey else None,
    )
    transitions.write_down(invitation)
    return invitation


def _reason(
    site: Site, state: ConversationState, segment: Segment, survey: Survey | None, ending: Ending
) -> str | None:
    if not ending.ask:
        return MANUAL
    channel = state.conversation.channel
    case = case_of(state, segment, survey_is_open=survey is not None)
    settings = settings_for(channel, site.rules)
    reason = reason_not_to_ask(case, settings, ask_when_unknown=site.ask_when_unknown)
    if reason is None and settings.every_nth > 1:
        # Last, so that only those are counted whom nothing else is against.
        number = next_number(site.id, channel)
        return None if is_sampled(number, settings) else NOT_SAMPLED
    return reason


def case_of(state: ConversationState, segment: Segment, *, survey_is_open: bool) -> Case:
    """The facts that the rules compare."""
    conversation, before = state.conversation, state.segment_before(segment)
    counts = message_counts(conversation, segment)
    reopened_after = segment.opened_at - before.ended_at if before and before.ended_at else None
    shown = shown_here = None
    if conversation.visitor_id is not None:
        shown, shown_here = last_shown_elsewhere(
            conversation.site_id, conversation.visitor_id, segment, conversation.touchpoint
        )
    return Case(
        survey_open=survey_is_open,
        messages_known=counts.messages_known,
        visitor_messages=counts.visitor_messages,
        person_replies=counts.person_replies,
        reopened_after=reopened_after,
        last_shown=clock.now() - shown if shown else None,
        last_shown_here=clock.now() - shown_here if shown_here else None,
        visitor_known=conversation.visitor_id is not None,
    )


def _withdraw_when_qualified(site: Site, state: ConversationState, segment: Segment) -> None:
    if not state.open_invitations(clock.now()):
        return
    case = case_of(state, segment, survey_is_open=survey_for(site.id, "chat_end") is not None)
    settings = settings_for(state.conversation.channel, site.rules)
    if reason_not_to_ask(case, settings, ask_when_unknown=False) is None:
        _withdraw_older(state, segment)


def _withdraw_older(state: ConversationState, segment: Segment) -> None:
    """The questions of earlier parts are closed to new presses; presses made before now are still taken."""
    now = clock.now()
    for invitation in state.open_invitations(now):
        if invitation.segment_id != segment.id:
            transitions.withdraw(invitation, now)
