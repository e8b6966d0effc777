"""The filters of the list of conversations, as conditions on `Conversation`.

What they look for may be rare among very many conversations. So the rare thing is found first, by itself, and only
what holds it is asked the dearer question, whether it stands in the part that the list shows.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from ..conversations.models import Conversation, Segment
from ..invitations.models import Invitation
from ..surveys.models import SurveyRevision
from ..surveys.scales import SCALES, Scale
from .models import Vote

IN_CONVERSATION = and_(Segment.site_id == Conversation.site_id, Segment.conversation_id == Conversation.id)
OF_SEGMENT = and_(Invitation.site_id == Segment.site_id, Invitation.segment_id == Segment.id)
VOTE_OF_SEGMENT = and_(Vote.site_id == Segment.site_id, Vote.segment_id == Segment.id)


def asked_last() -> ColumnElement[bool]:
    """That `Segment` is the last part of its conversation that was asked."""
    segment, invitation = Segment.__table__.alias("s2"), Invitation.__table__.alias("i2")
    last = (
        select(func.max(segment.c.number))
        .join(invitation, (invitation.c.site_id == segment.c.site_id) & (invitation.c.segment_id == segment.c.id))
        .where(
            segment.c.site_id == Conversation.site_id,
            segment.c.conversation_id == Conversation.id,
            invitation.c.state != "not_asked",
        )
        .correlate(Conversation)
        .scalar_subquery()
    )
    return Segment.number == last


def has_part(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """That the conversation has a part for which all of these hold."""
    return exists(select(Segment.id).where(IN_CONVERSATION, *conditions).correlate(Conversation))


def has_asking(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """That the part's ledger has a row like this; nested, so that no planner reads the ledger from its other end."""
    return exists(select(Invitation.id).where(OF_SEGMENT, condition).correlate(Segment))


def is_bad(now: datetime) -> ColumnElement[bool]:
    unhappy = or_(
        *(and_(SurveyRevision.scale == scale.name, Vote.score.in_(unhappy_scores(scale))) for scale in SCALES.values())
    )
    worded = and_(SurveyRevision.site_id == Vote.site_id, SurveyRevision.id == Vote.revision_id)
    lowest = {score for scale in SCALES.values() for score in unhappy_scores(scale)}
    with_one = select(Segment.conversation_id).join(Vote, VOTE_OF_SEGMENT).where(Vote.score.in_(lowest))
    bad_vote = exists(select(Vote.id).join(SurveyRevision, worded).where(VOTE_OF_SEGMENT, unhappy).correlate(Segment))
    return and_(Conversation.id.in_(with_one), has_part(bad_vote, asked_last()))


def is_waiting(now: datetime) -> ColumnElement[bool]:
    open_question = and_(Invitation.state.in_(("asked", "shown")), Invitation.expires_at > now)
    with_one = select(Segment.conversation_id).join(Invitation, OF_SEGMENT).where(open_question)
    return and_(Conversation.id.in_(with_one), has_part(has_asking(open_question), asked_last()))


def is_not_asked(now: datetime) -> ColumnElement[bool]:
    refused, asked = Invitation.state == "not_asked", Invitation.state != "not_asked"
    return and_(has_part(has_asking(refused)), ~has_part(has_asking(asked)))


def unhappy_scores(scale: Scale) -> list[int]:
    return [score for score in scale.scores if scale.sentiment(score) < 0]


#: By the word that stands in the address.
FILTERS = {"bad": is_bad, "waiting": is_waiting, "not_asked": is_not_asked}
