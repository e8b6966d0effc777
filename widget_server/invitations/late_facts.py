"""Facts that arrive after the end of a segment: late messages, and a closer whom only a repeated end names.

They complete the decisions about the segment until its first vote. Flushes, never commits.
"""

from __future__ import annotations

from ..conversations.models import Agent, Segment
from ..storage.db import db
from .conversation_state import ConversationState
from .models import Invitation
from .rules import REASONS_OF_MISSING_FACTS
from .snapshot import complete_agents


def complete_decisions(state: ConversationState, segment: Segment) -> None:
    """Complete the agents and the credit in the decisions about a segment. The first vote fixes them.

    `state` is locked, so no vote can come in between.
    """
    if segment.pinned_at is not None:
        return
    for invitation in state.decisions.get(segment.id, ()):
        context = complete_agents(invitation.context, segment)
        if context != invitation.context:
            invitation.context = context
    db.session.flush()


def add_closer(state: ConversationState, segment: Segment, closer: Agent | None) -> None:
    """Add the closer whom a repeated end names, if the first end named none."""
    if closer is None or segment.closer_agent_id is not None or segment.pinned_at is not None:
        return
    segment.closer_agent_id = closer.id
    complete_decisions(state, segment)


def may_decide_again(state: ConversationState, segment: Segment, decision: Invitation) -> bool:
    """Return whether facts that arrived after a decision may change it. A later decision makes it final."""
    later_segments = (other for other in state.segments if other.number > segment.number)
    return decision.reason in REASONS_OF_MISSING_FACTS and not any(map(state.newest_decision, later_segments))
