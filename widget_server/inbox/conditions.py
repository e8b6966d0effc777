"""The filters of the list of conversations, as SQL conditions on `Conversation`.

Selective predicates run first, each in a subquery that finds its rows by an index. Only the conversations that they
match are checked further, for whether the row is in the segment that the list shows. Predicates that match many rows
are evaluated conversation by conversation, latest first, until the page is full.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, distinct, exists, func, or_, select
from sqlalchemy.orm import aliased

from ..conversations.models import Agent, Conversation, Message, Segment
from ..core.text import fold
from ..invitations.models import Invitation
from ..ratings.models import Vote, VoteChange
from ..surveys.models import SurveyRevision
from ..surveys.scales import SCALES
from .conversation_filter import ConversationFilter
from .vote_list import is_recovery

IN_CONVERSATION = and_(Segment.site_id == Conversation.site_id, Segment.conversation_id == Conversation.id)
OF_SEGMENT = and_(Invitation.site_id == Segment.site_id, Invitation.segment_id == Segment.id)
VOTE_OF_SEGMENT = and_(Vote.site_id == Segment.site_id, Vote.segment_id == Segment.id)
CHANGE_OF_VOTE = and_(VoteChange.site_id == Vote.site_id, VoteChange.vote_id == Vote.id)
WORDING = and_(SurveyRevision.site_id == Vote.site_id, SurveyRevision.id == Vote.revision_id)
IS_ASKED = Invitation.status != "not_asked"
#: The columns that hold the tags of a conversation.
TAGS = (Conversation.case_type, Conversation.product_area, Conversation.touchpoint)


def conditions(site_id: UUID, conversation_filter: ConversationFilter, now: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions of a filter, all of which must hold."""
    return [FILTERS[name](site_id, value, now) for name, value in conversation_filter.active_values().items()]


def by_status(site_id: UUID, status: str, now: datetime) -> ColumnElement[bool]:
    if status == "unread":
        return Conversation.unread_since.is_not(None)
    if status == "waiting":
        return is_waiting(site_id, now)
    if status == "negative":
        return has_sentiment(site_id, "negative")
    return is_rated() if status == "rated" else is_not_asked()


def is_rated() -> ColumnElement[bool]:
    return has_segment(
        exists(select(Vote.id).where(VOTE_OF_SEGMENT, Vote.score.is_not(None)).correlate(Segment)), is_last_segment()
    )


def is_waiting(site_id: UUID, now: datetime) -> ColumnElement[bool]:
    open_question = and_(Invitation.status.in_(("asked", "shown")), Invitation.expires_at > now)
    with_one = segments_of_site(site_id).join(Invitation, OF_SEGMENT).where(open_question)
    return and_(Conversation.id.in_(with_one), has_segment(has_invitation(open_question), is_last_segment()))


def is_not_asked() -> ColumnElement[bool]:
    return and_(has_segment(has_invitation(Invitation.status == "not_asked")), ~has_segment(has_invitation(IS_ASKED)))


def has_sentiment(site_id: UUID, sentiment: str) -> ColumnElement[bool]:
    """Match conversations whose answer in the list has this sentiment, on any scale."""
    scores_by_scale = {
        scale.name: [score for score in scale.scores if scale.sentiment(score) == sentiment]
        for scale in SCALES.values()
    }
    has_score = or_(
        *(
            and_(SurveyRevision.scale == name, Vote.score.in_(scores))
            for name, scores in scores_by_scale.items()
            if scores
        )
    )
    with_one = segments_of_site(site_id).join(Vote, VOTE_OF_SEGMENT).join(SurveyRevision, WORDING).where(has_score)
    vote = exists(select(Vote.id).join(SurveyRevision, WORDING).where(VOTE_OF_SEGMENT, has_score).correlate(Segment))
    return and_(Conversation.id.in_(with_one), has_segment(vote, is_last_segment()))


def has_reason(site_id: UUID, reason: str) -> ColumnElement[bool]:
    """Match conversations whose visitor was never asked, the last time for this reason."""
    for_it = and_(Invitation.status == "not_asked", Invitation.reason == reason)
    later = aliased(Invitation)
    later_one = exists(
        select(later.id)
        .where(later.site_id == Segment.site_id, later.segment_id == Segment.id, later.attempt > Invitation.attempt)
        .correlate(Segment, Invitation)
    )
    with_one = segments_of_site(site_id).join(Invitation, OF_SEGMENT).where(for_it)
    is_latest = has_segment(has_invitation(and_(for_it, ~later_one)), is_last_segment(is_asked=False))
    return and_(Conversation.id.in_(with_one), is_latest, ~has_segment(has_invitation(IS_ASKED)))


def has_history(site_id: UUID, history: str) -> ColumnElement[bool]:
    if history == "asked_again":
        several = segments_of_site(site_id).where(Segment.number > 1)
        return and_(Conversation.id.in_(several), summarize_segments(func.count(distinct(Segment.number))) > 1)
    with_one = (
        segments_of_site(site_id)
        .join(Vote, VOTE_OF_SEGMENT)
        .join(VoteChange, CHANGE_OF_VOTE)
        .where(VoteChange.recovery.is_(True))
    )
    vote = exists(select(Vote.id).where(VOTE_OF_SEGMENT, is_recovery()).correlate(Segment))
    return and_(Conversation.id.in_(with_one), has_segment(vote, is_last_segment()))


def has_agent(site_id: UUID, external_id: str) -> ColumnElement[bool]:
    agent = select(Agent.id).where(Agent.site_id == site_id, Agent.external_id == external_id).scalar_subquery()
    messages = select(Message.id).where(
        Message.site_id == Conversation.site_id, Message.agent_id == agent, Message.conversation_id == Conversation.id
    )
    return exists(messages.correlate(Conversation))


def has_tag(tag: str) -> ColumnElement[bool]:
    return or_(*(column == tag for column in TAGS))


def has_comment(site_id: UUID, words: str) -> ColumnElement[bool]:
    """Match conversations in which a comment of any segment contains these words."""
    folded = Vote.comment_folded.contains(fold(words), autoescape=True)
    with_one = segments_of_site(site_id).join(Vote, VOTE_OF_SEGMENT).where(Vote.comment_folded.is_not(None), folded)
    return Conversation.id.in_(with_one)


def segments_of_site(site_id: UUID) -> Select[UUID]:
    """Select the conversations of the segments of a site, to be narrowed by joins."""
    return select(Segment.conversation_id).where(Segment.site_id == site_id)


def has_segment(*needed: ColumnElement[bool]) -> ColumnElement[bool]:
    """Match conversations that have a segment for which all conditions hold."""
    return exists(select(Segment.id).where(IN_CONVERSATION, *needed).correlate(Conversation))


def has_invitation(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Match segments with such a row in their ledger.

    The subquery is correlated, so that planners start from the segment and not from all invitations.
    """
    return exists(select(Invitation.id).where(OF_SEGMENT, condition).correlate(Segment))


def is_last_segment(*, is_asked: bool = True) -> ColumnElement[bool]:
    """Match the last segment of a conversation that was asked about, or with `is_asked=False` that has any decision."""
    return Segment.number == summarize_segments(func.max(Segment.number), is_asked=is_asked)


def summarize_segments(summary: ColumnElement[int], *, is_asked: bool = True) -> ColumnElement[int]:
    """Select a summary, such as the highest number, of the segments that `is_last_segment` considers."""
    segments = select(summary).join(Invitation, OF_SEGMENT).where(IN_CONVERSATION)
    return (segments.where(IS_ASKED) if is_asked else segments).correlate(Conversation).scalar_subquery()


#: The condition of each filter, by its name in the address.
FILTERS: dict[str, Callable[[UUID, str, datetime], ColumnElement[bool]]] = {
    "status": by_status,
    "sentiment": lambda site_id, sentiment, now: has_sentiment(site_id, sentiment),
    "reason": lambda site_id, reason, now: has_reason(site_id, reason),
    "history": lambda site_id, history, now: has_history(site_id, history),
    "agent": lambda site_id, agent, now: has_agent(site_id, agent),
    "team": lambda site_id, team, now: Conversation.team == team,
    "channel": lambda site_id, channel, now: Conversation.channel == channel,
    "tag": lambda site_id, tag, now: has_tag(tag),
    "q": lambda site_id, words, now: has_comment(site_id, words),
}
