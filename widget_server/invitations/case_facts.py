"""The facts of a segment that the rules compare, read from the database."""

from __future__ import annotations

from datetime import timedelta

from ..conversations.models import Segment
from ..conversations.queries import count_messages
from ..core import clock
from ..surveys.models import Survey
from .conversation_state import ConversationState
from .queries import find_last_shown_elsewhere
from .rules import Case


def build_case(state: ConversationState, segment: Segment, survey: Survey | None) -> Case:
    """Return the facts that the rules compare. `survey` is the open one, if any."""
    conversation, before = state.conversation, state.segment_before(segment)
    counts = count_messages(conversation, segment)
    reopened_after = segment.opened_at - before.ended_at if before and before.ended_at else None
    shown_at = shown_here_at = None
    if conversation.visitor_id is not None:
        shown_at, shown_here_at = find_last_shown_elsewhere(
            conversation.site_id, conversation.visitor_id, segment, conversation.touchpoint
        )
    return Case(
        survey_open=survey is not None,
        ended_ago=clock.now() - segment.ended_at if segment.ended_at else timedelta(0),
        window=timedelta(hours=survey.window_hours) if survey else None,
        messages_known=counts.messages_known,
        visitor_messages=counts.visitor_messages,
        person_replies=counts.person_replies,
        reopened_after=reopened_after,
        last_shown=clock.now() - shown_at if shown_at else None,
        last_shown_here=clock.now() - shown_here_at if shown_here_at else None,
        visitor_known=conversation.visitor_id is not None,
    )
