"""Messages, ends and reopenings of conversations, with the decision to ask that each may cause.

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
from ..conversations.segments import close_segment
from ..conversations.sender_clock import TOLERANCE, find_end
from ..core import clock
from ..sites.models import Site
from ..storage.db import db
from ..surveys.models import Survey
from ..surveys.service import newest_revision, survey_for
from ..visitors.models import Visitor
from . import late_facts, transitions
from .case_facts import build_case
from .conversation_state import ConversationState, lock_state
from .models import Invitation
from .other_visitor import is_for_visitor
from .rules import (
    MANUAL,
    NOT_SAMPLED,
    STAFF,
    build_settings,
    find_reason_not_to_ask,
    is_sampled,
)
from .sampling import count_case
from .snapshot import freeze_context, freeze_decision


@dataclass(frozen=True)
class Ending:
    """The end of a segment: its source, and how it ended."""

    #: page, back_end, agent (a manual end), or the name of an integration.
    source: str
    #: signature, browser, back_end, or page (an unverified claim).
    proof: str
    #: By the clock of who sends the messages.
    ended_at: datetime | None = None
    closer: Agent | None = None
    #: False closes without asking.
    ask: bool = True
    #: The closer's reason not to ask.
    note: str | None = None
    #: The code of the reason if `ask` is false.
    reason: str = MANUAL


@dataclass(frozen=True)
class Decision:
    """A decision to ask, or with a `reason` not to ask, and what the ledger stores with it."""

    source: str
    proof: str
    reason: str | None
    context: dict[str, Any]
    attempt: int = 1
    #: The start of the response window: the end of the segment. None: the decision itself.
    window_from: datetime | None = None


def add_messages(site: Site, conversation: Conversation, new_messages: Sequence[NewMessage]) -> list[StoredMessage]:
    """Store messages, each once by its external id.

    Withdraws older invitations once the rules would ask about the new segment.
    """
    state = lock_state(conversation)
    stored_messages = store_messages(conversation, state.segments, new_messages)
    for segment in {message.segment.id: message.segment for message in stored_messages}.values():
        late_facts.complete_decisions(state, segment)
    newest = max((message.segment for message in stored_messages), key=lambda segment: segment.number)
    if newest.ended_at is None and newest.number > 1:
        _withdraw_when_qualified(site, state, newest)
    return stored_messages


def end_segment(site: Site, state: ConversationState, ending: Ending) -> Invitation:
    """End the open segment, decide once whether to ask, and write the decision into the ledger.

    `state` comes from `lock_state`. A repeated end returns the first decision, even if the chat went on in between. It
    decides again only about a visitor who was not asked because a fact was missing.
    """
    conversation, segment = state.conversation, _segment_ended_by(state, ending.ended_at)
    earlier_decision = state.newest_decision(segment)
    if earlier_decision is not None:
        late_facts.add_closer(state, segment, ending.closer)
        if not (ending.ask and late_facts.may_decide_again(state, segment, earlier_decision)):
            return earlier_decision
    if segment.ended_at is None:
        close_segment(
            conversation,
            state.segments,
            ended_at=ending.ended_at,
            sender_time=True,
            ended_by=ending.source,
            closer=ending.closer,
        )
        conversations.publish_change(conversation)
    invitation = _decide(site, state, segment, ending)
    if state.last_segment is not segment:
        _withdraw_when_qualified(site, state, state.last_segment)
    return invitation


def _segment_ended_by(state: ConversationState, ended_at: datetime | None) -> Segment:
    """Return the first segment that was over at `ended_at`, a time of the sender, else the last one.

    Within a second after an end it ends the open segment, or repeats the end if none is open.
    """
    if ended_at is not None:
        tolerance = timedelta(0) if state.last_segment.ended_at is None else TOLERANCE
        for segment in state.segments:
            if (sender_end := find_end(segment)) is not None and ended_at <= sender_end + tolerance:
                return segment
    return state.last_segment


def reopen_conversation(site: Site, conversation: Conversation) -> Segment:
    """Return the open segment, opened without a message if there is none.

    The older invitation stays until the rules would ask about the new one.
    """
    state = lock_state(conversation)
    if state.last_segment.ended_at is None:
        return state.last_segment
    conversations.move_conversation(conversation, clock.now())
    conversations.publish_change(conversation)
    return conversations.open_segment(conversation, state.segments, clock.now())


def find_invitation_to_show(state: ConversationState) -> Invitation | None:
    """Return the invitation to show on the visitor's page: that of the last segment, else an older unanswered one.

    None if the last segment was asked about or rated before the conversation was given to this visitor.
    """
    earlier_decision = state.newest_decision(state.last_segment)
    if earlier_decision is not None and not is_for_visitor(earlier_decision, state.conversation):
        return None
    if earlier_decision is not None and earlier_decision.status != "not_asked":
        return earlier_decision
    open_invitations = [
        invitation for invitation in state.open_invitations(clock.now()) if invitation.status != "dismissed"
    ]
    return open_invitations[-1] if open_invitations else earlier_decision


def _decide(site: Site, state: ConversationState, segment: Segment, ending: Ending) -> Invitation:
    survey, visitor = survey_for(site.id, "chat_end"), load_visitor(state.conversation)
    reason = STAFF if is_staff(visitor) else _find_reason(site, state, segment, survey, ending)
    earlier_decision = state.newest_decision(segment)
    if earlier_decision is not None and earlier_decision.reason == reason:
        return earlier_decision
    context = freeze_context(state.conversation, segment, visitor)
    if reason == MANUAL:
        context |= freeze_decision(ending.closer, ending.note)
    source = ending.source if ending.source in ("page", "agent") else "back_end"
    attempt = earlier_decision.attempt + 1 if earlier_decision else 1
    decision = Decision(source, ending.proof, reason, context, attempt, window_from=segment.ended_at)
    return write_decision(site, state, segment, survey, decision)


def load_visitor(conversation: Conversation) -> Visitor | None:
    if conversation.visitor_id is None:
        return None
    return db.session.get(Visitor, (conversation.site_id, conversation.visitor_id))


def is_staff(visitor: Visitor | None) -> bool:
    return visitor is not None and conversations.is_staff(db.session, visitor.site_id, visitor.external_id)


def write_decision(
    site: Site, state: ConversationState, segment: Segment, survey: Survey | None, decision: Decision
) -> Invitation:
    """Store the next decision about a segment. If it asks, withdraw the older invitations."""
    conversation = state.conversation
    where = {"segment_id": segment.id, "visitor_id": conversation.visitor_id, "channel": conversation.channel}
    invitation = record_invitation(site, survey, decision, **where)
    state.add_decision(segment, invitation)
    if invitation.status == "asked" and segment.number > 1:
        _withdraw_older(state, segment)
    return invitation


def record_invitation(site: Site, survey: Survey | None, decision: Decision, **where: Any) -> Invitation:
    """Store a decision in the ledger. `where` has its columns for the segment or external id, visitor and channel."""
    now = clock.now()
    is_asked = decision.reason is None and survey is not None
    invitation = Invitation(
        **where,
        site_id=site.id,
        attempt=decision.attempt,
        source=decision.source,
        status="asked" if is_asked else "not_asked",
        reason=decision.reason,
        proof=decision.proof,
        revision_id=newest_revision(site.id, survey.id).id if is_asked and survey else None,
        context=decision.context,
        decided_at=now,
        decided_on=clock.local_day(now, site.time_zone),
        expires_at=(decision.window_from or now) + timedelta(hours=survey.window_hours)
        if is_asked and survey
        else None,
    )
    transitions.add_invitation(invitation)
    return invitation


def _find_reason(
    site: Site, state: ConversationState, segment: Segment, survey: Survey | None, ending: Ending
) -> str | None:
    if not ending.ask:
        return ending.reason
    channel = state.conversation.channel
    case = build_case(state, segment, survey)
    settings = build_settings(channel, site.rules)
    reason = find_reason_not_to_ask(case, settings, ask_when_unknown=site.ask_when_unknown)
    if reason is None and settings.every_nth > 1:
        # Last, so that sampling counts only cases that all rules allow.
        number = count_case(site.id, channel)
        return None if is_sampled(number, settings) else NOT_SAMPLED
    return reason


def _withdraw_when_qualified(site: Site, state: ConversationState, segment: Segment) -> None:
    if not state.open_invitations(clock.now()):
        return
    case = build_case(state, segment, survey_for(site.id, "chat_end"))
    settings = build_settings(state.conversation.channel, site.rules)
    if find_reason_not_to_ask(case, settings, ask_when_unknown=False) is None:
        _withdraw_older(state, segment)


def _withdraw_older(state: ConversationState, segment: Segment) -> None:
    """Withdraw the invitations of other segments. Answers given before now are still accepted."""
    now = clock.now()
    for invitation in state.open_invitations(now):
        if invitation.segment_id != segment.id:
            transitions.withdraw(invitation, now)
