"""The facts of a segment that the rules compare, read from the database."""

from __future__ import annotations

from ..conversations.models import Segment
from ..conversations.queries import count_messages
from ..core import clock
from .conversation_state import ConversationState
from .queries import find_last_shown_elsewhere
from .rules import Case


def build_case(state: ConversationState, segment: Segment, *, survey_is_open: bool) -> Case:
    """Return the facts that the rules compare."""
    conversation, before = state.conversation, state.segment_before(segment)
    counts = count_messages(conversation, segment)
    reopened_after = segment.opened_at - before.ended_at if before and before.ended_at else None
    shown_at = shown_here_at = None
    if conversation.visitor_id is not None:
        shown_at, shown_here_at = find_last_shown_elsewhere(
            conversation.site_id, conversation.visitor_id, segment, conversation.touchpoint
        )
    return Case(
        survey_open=survey_is_open,
        messages_known=counts.messages_known,
        visitor_messages=counts.visitor_messages,
        person_replies=counts.person_replies,
        reopened_after=reopened_after,
        last_shown=clock.now() - shown_at if shown_at else None,
        last_shown_here=clock.now() - shown_here_at if shown_here_at else None,
        visitor_known=conversation.visitor_id is not None,
    )
