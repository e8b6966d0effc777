"""The rows of one visitor, locked in the order in which every other writer locks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import InvalidRequestError

from ..conversations.models import Conversation, Segment
from ..invitations.models import Invitation
from ..storage.db import db
from ..storage.group_commit import LostRace
from ..visitors.models import Visitor
from .models import Vote

#: The number of votes that are locked by one statement.
VOTES_PER_STATEMENT = 500


@dataclass(frozen=True)
class PersonalRows:
    """The conversations, invitations and votes of a visitor."""

    conversations: Sequence[Conversation]
    invitations: Sequence[Invitation]
    votes: Sequence[Vote]


def lock_personal_rows(visitor: Visitor) -> PersonalRows:
    """Lock and return all rows of a visitor until the transaction ends.

    A submission locks its visitor or its invitation first, and an end or a message the invitations before the
    conversation. In another order the transactions would wait for each other.

    Raises: LostRace: a question was added meanwhile, or the visitor was erased.
    """
    try:
        # Rows that refer to the visitor can still be added, because the lock leaves the key free.
        db.session.refresh(visitor, with_for_update={"key_share": True})
    except InvalidRequestError as error:
        raise LostRace("the visitor was erased meanwhile") from error
    invitation_query = select(Invitation).where(_is_of_visitor(visitor)).order_by(Invitation.id)
    fresh = {"populate_existing": True}
    invitations = db.session.scalars(invitation_query.with_for_update(of=Invitation).execution_options(**fresh)).all()
    conversations = db.session.scalars(
        select(Conversation)
        .where(Conversation.site_id == visitor.site_id, Conversation.visitor_id == visitor.id)
        .order_by(Conversation.id)
        .with_for_update(key_share=True)
        .execution_options(**fresh)
    ).all()
    if db.session.scalars(invitation_query).all() != invitations:
        raise LostRace("the visitor was asked again meanwhile")
    return PersonalRows(conversations, invitations, _lock_votes(visitor))


def _is_of_visitor(visitor: Visitor) -> ColumnElement[bool]:
    """Return the condition for invitations to the visitor, also those from before the visitor was known."""
    of_conversations = (
        select(Segment.id)
        .join(
            Conversation,
            (Conversation.site_id == Segment.site_id) & (Conversation.id == Segment.conversation_id),
        )
        .where(Conversation.site_id == visitor.site_id, Conversation.visitor_id == visitor.id)
    )
    is_unknown = Invitation.visitor_id.is_(None) & Invitation.segment_id.in_(of_conversations)
    return (Invitation.site_id == visitor.site_id) & ((Invitation.visitor_id == visitor.id) | is_unknown)


def _lock_votes(visitor: Visitor) -> list[Vote]:
    """Lock the answers to the visitor's invitations, and the visitor's votes on subjects."""
    invitation_query = select(Invitation.id, Invitation.segment_id).where(_is_of_visitor(visitor)).subquery()
    # Each condition has an index, which one with OR would not use.
    conditions = (
        Vote.segment_id.in_(select(invitation_query.c.segment_id)),
        Vote.invitation_id.in_(select(invitation_query.c.id)),
        Vote.visitor_id == visitor.id,
    )
    vote_ids: set[UUID] = set()
    for condition in conditions:
        vote_ids.update(db.session.scalars(select(Vote.id).where(Vote.site_id == visitor.site_id, condition)))
    votes: list[Vote] = []
    sorted_ids = sorted(vote_ids)
    for start in range(0, len(sorted_ids), VOTES_PER_STATEMENT):
        query = select(Vote).where(
            Vote.site_id == visitor.site_id, Vote.id.in_(sorted_ids[start : start + VOTES_PER_STATEMENT])
        )
        votes += db.session.scalars(
            query.order_by(Vote.id).with_for_update().execution_options(populate_existing=True)
        ).all()
    return votes
