"""The rows of one visitor, locked in the order in which every other writer locks them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import CompoundSelect, select, tuple_, union_all
from sqlalchemy.exc import InvalidRequestError

from ..conversations.models import Conversation, Segment
from ..conversations.service import lock_conversation
from ..invitations.models import Invitation
from ..storage.db import db
from ..storage.group_commit import LostRace
from ..storage.indexes import Unindexed
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
    invitation_query = (
        select(Invitation)
        .where(Invitation.site_id == visitor.site_id, Invitation.id.in_(select_invitations(visitor)))
        .order_by(Unindexed(Invitation.id))
    )
    fresh = {"populate_existing": True}
    invitations = db.session.scalars(invitation_query.with_for_update(of=Invitation).execution_options(**fresh)).all()
    conversations = db.session.scalars(
        select(Conversation)
        .where(Conversation.site_id == visitor.site_id, Conversation.visitor_id == visitor.id)
        .order_by(Unindexed(Conversation.id))
        .with_for_update(key_share=True)
        .execution_options(**fresh)
    ).all()
    if db.session.scalars(invitation_query).all() != invitations:
        raise LostRace("the visitor was asked again meanwhile")
    return PersonalRows(conversations, invitations, _lock_votes(visitor, invitations))


def select_invitations(visitor: Visitor) -> CompoundSelect[UUID]:
    """Select the ids of the invitations to the visitor, also of those from before the visitor was known.

    Each part has an index, which one condition with OR would not use.
    """
    of_visitor = (Conversation.site_id == visitor.site_id, Conversation.visitor_id == visitor.id)
    conversations = select(Conversation.site_id, Conversation.id).where(*of_visitor)
    segments = select(Segment.site_id, Segment.id).where(
        tuple_(Segment.site_id, Segment.conversation_id).in_(conversations)
    )
    with_visitor = select(Invitation.id).where(
        Invitation.site_id == visitor.site_id, Invitation.visitor_id == visitor.id
    )
    without_visitor = select(Invitation.id).where(
        tuple_(Invitation.site_id, Invitation.segment_id).in_(segments), Invitation.visitor_id.is_(None)
    )
    return union_all(with_visitor, without_visitor)


def _lock_votes(visitor: Visitor, invitations: Sequence[Invitation]) -> list[Vote]:
    """Lock the answers to the visitor's invitations, and the visitor's votes on subjects."""
    return lock_votes(visitor.site_id, find_vote_ids(visitor, invitations))


def find_vote_ids(visitor: Visitor, invitations: Sequence[Invitation]) -> set[UUID]:
    """Return the ids of the answers to the visitor's invitations, and of the visitor's votes on subjects."""
    conditions = [Vote.visitor_id == visitor.id]
    for start in range(0, len(invitations), VOTES_PER_STATEMENT):
        some = invitations[start : start + VOTES_PER_STATEMENT]
        # Each condition has an index, which one with OR would not use.
        conditions.append(Vote.segment_id.in_([one.segment_id for one in some if one.segment_id is not None]))
        conditions.append(Vote.invitation_id.in_([one.id for one in some if one.segment_id is None]))
    vote_ids: set[UUID] = set()
    for condition in conditions:
        vote_ids.update(db.session.scalars(select(Vote.id).where(Vote.site_id == visitor.site_id, condition)))
    return vote_ids


def lock_conversation_rows(conversation: Conversation) -> PersonalRows:
    """Lock and return a conversation with its invitations and votes until the transaction ends.

    Raises: LostRace: a question was added meanwhile, or the conversation was merged.
    """
    of_conversation = Segment.conversation_id == conversation.id
    segments = select(Segment.id).where(Segment.site_id == conversation.site_id, of_conversation)
    invitation_query = (
        select(Invitation)
        .where(Invitation.site_id == conversation.site_id, Invitation.segment_id.in_(segments))
        .order_by(Unindexed(Invitation.id))
    )
    fresh = {"populate_existing": True}
    invitations = db.session.scalars(invitation_query.with_for_update(of=Invitation).execution_options(**fresh)).all()
    lock_conversation(conversation)
    if db.session.scalars(invitation_query).all() != invitations:
        raise LostRace("the visitor was asked again meanwhile")
    of_segments = (Vote.site_id == conversation.site_id, Vote.segment_id.in_(segments))
    votes = lock_votes(conversation.site_id, set(db.session.scalars(select(Vote.id).where(*of_segments))))
    return PersonalRows([conversation], invitations, votes)


def lock_votes(site_id: UUID, vote_ids: Collection[UUID]) -> list[Vote]:
    """Lock and return votes in the order of their ids."""
    votes: list[Vote] = []
    sorted_ids = sorted(vote_ids)
    for start in range(0, len(sorted_ids), VOTES_PER_STATEMENT):
        query = select(Vote).where(
            Vote.site_id == site_id, Vote.id.in_(sorted_ids[start : start + VOTES_PER_STATEMENT])
        )
        votes += db.session.scalars(
            query.order_by(Unindexed(Vote.id)).with_for_update().execution_options(populate_existing=True)
        ).all()
    return votes
