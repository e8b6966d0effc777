"""Prepared statements that read and write votes (storage/prepared.py says why they are prepared)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, bindparam, case, exists, false, insert, null, select, update

from ..conversations.models import Conversation, ConversationAgent, Message, Segment
from ..invitations.models import Invitation
from ..storage.db import table_of
from ..storage.prepared import Prepared, PreparedQuery
from .models import CreditedVote, Vote, VoteChange
from .rows import StoredAnswer, StoredVote

VOTE = table_of(Vote)
CHANGE = table_of(VoteChange)
SEGMENT = table_of(Segment)
MESSAGE = table_of(Message)
CONVERSATION = table_of(Conversation)
CONVERSATION_AGENT = table_of(ConversationAgent)
INVITATION = table_of(Invitation)

#: The columns of a vote that a later submission overwrites.
SUBMISSION_COLUMNS = (
    "client_hash",
    "rev",
    "revision_id",
    "score",
    "reasons",
    "answers",
    "outcomes",
    "comment",
    "comment_folded",
    "verified",
    "intended_at",
    "changed_at",
    "language",
    "page",
    "version",
    "is_recovered",
    "updated_at",
)


def _to_parameters(table: Table, names: Iterable[str]) -> dict[str, Any]:
    return {name: bindparam(name, type_=table.c[name].type) for name in names}


def to_insert(table: Table) -> Prepared:
    """Return the statement that adds a row with a value for every column."""
    return Prepared(insert(table).values(_to_parameters(table, [column.name for column in table.columns])).inline())


_of_site = select(VOTE).where(VOTE.c.site_id == bindparam("site"))
# The row of the invitation is locked before these two run; a vote on a subject has only its row to lock.
OF_SEGMENT = PreparedQuery[StoredVote](_of_site.where(VOTE.c.segment_id == bindparam("segment")))
OF_INVITATION = PreparedQuery[StoredVote](_of_site.where(VOTE.c.invitation_id == bindparam("invitation")))
OF_ID = PreparedQuery[StoredVote](_of_site.where(VOTE.c.id == bindparam("vote")))
OF_SUBJECT = PreparedQuery[StoredVote](
    _of_site.where(VOTE.c.subject_id == bindparam("subject"), VOTE.c.voter == bindparam("voter")).with_for_update()
)

NEWEST_OF_CLIENT = PreparedQuery[StoredAnswer](
    select(CHANGE)
    .where(
        CHANGE.c.site_id == bindparam("site"),
        CHANGE.c.vote_id == bindparam("vote"),
        CHANGE.c.client_hash == bindparam("client"),
        CHANGE.c.rev >= bindparam("rev_least"),
    )
    .order_by(CHANGE.c.rev.desc())
    .limit(1)
)
NEWER_MESSAGE = PreparedQuery[object](
    select(MESSAGE.c.id)
    .where(
        MESSAGE.c.site_id == bindparam("site"),
        MESSAGE.c.conversation_id == bindparam("conversation"),
        MESSAGE.c.sent_at > bindparam("moment"),
    )
    .limit(1)
)

ADD_VOTE = to_insert(VOTE)
ADD_CHANGE = to_insert(CHANGE)
SET_VOTE = Prepared(
    update(VOTE)
    .where(VOTE.c.site_id == bindparam("of_site"), VOTE.c.id == bindparam("of_vote"))
    .values(_to_parameters(VOTE, SUBMISSION_COLUMNS))
)
#: The columns that a vote and each entry of its history have in common.
SHARED = tuple(column.name for column in CHANGE.columns if column.name in VOTE.columns)
#: The value of each column of the first entry.
_FIRST_CHANGE: dict[str, Any] = {
    **{name: VOTE.c[name] for name in SHARED},
    "vote_id": VOTE.c.id,
    "stored_at": VOTE.c.changed_at,
    "recovery": false(),
}
ADD_FIRST_CHANGE = Prepared(
    insert(CHANGE).from_select(
        list(_FIRST_CHANGE),
        select(*_FIRST_CHANGE.values()).where(
            VOTE.c.site_id == bindparam("of_site"),
            VOTE.c.id == bindparam("of_vote"),
            # Votes from before 2026-11-25 already have their first entry.
            ~exists().where(CHANGE.c.site_id == VOTE.c.site_id, CHANGE.c.vote_id == VOTE.c.id).correlate(VOTE),
        ),
    )
)
CLEAR_CHANGES = Prepared(
    update(CHANGE)
    .where(CHANGE.c.site_id == bindparam("of_site"), CHANGE.c.vote_id == bindparam("of_vote"))
    .values(score=None, reasons=[], answers={}, comment=None, recovery=False)
)
SET_VOTED = Prepared(
    update(INVITATION)
    .where(INVITATION.c.site_id == bindparam("of_site"), INVITATION.c.id == bindparam("of_invitation"))
    .values(status="voted", voted_at=bindparam("at", type_=INVITATION.c.voted_at.type))
)
SET_PINNED = Prepared(
    update(SEGMENT)
    .where(
        SEGMENT.c.site_id == bindparam("of_site"),
        SEGMENT.c.id == bindparam("of_segment"),
        SEGMENT.c.pinned_at.is_(None),
    )
    .values(pinned_at=bindparam("at", type_=SEGMENT.c.pinned_at.type))
)
_IS_LISTED = CONVERSATION.c.listed_segment_id == bindparam("of_segment", type_=CONVERSATION.c.listed_segment_id.type)


def _if_listed(column: Column[Any], value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the new value of a column, which stays if the list shows another segment than the rated one."""
    return case((_IS_LISTED, value), else_=column)


#: The columns that repeat the answer of the listed segment for lists.
_LISTED_ANSWER: dict[str, Any] = {
    "sentiment": _if_listed(CONVERSATION.c.sentiment, bindparam("sentiment", type_=CONVERSATION.c.sentiment.type)),
    "is_recovered": _if_listed(CONVERSATION.c.is_recovered, bindparam("is_recovered", type_=VOTE.c.is_recovered.type)),
    "waiting_until": _if_listed(CONVERSATION.c.waiting_until, null()),
}
SET_LATEST = Prepared(
    update(CONVERSATION)
    .where(CONVERSATION.c.site_id == bindparam("of_site"), CONVERSATION.c.id == bindparam("of_conversation"))
    .values(
        latest_at=bindparam("at", type_=CONVERSATION.c.latest_at.type),
        unread_since=bindparam("at", type_=CONVERSATION.c.latest_at.type),
        **_LISTED_ANSWER,
        updated_at=bindparam("at", type_=CONVERSATION.c.latest_at.type),
    )
)
SET_LATEST_OF_AGENTS = Prepared(
    update(CONVERSATION_AGENT)
    .where(
        CONVERSATION_AGENT.c.site_id == bindparam("of_site"),
        CONVERSATION_AGENT.c.conversation_id == bindparam("of_conversation"),
    )
    .values(latest_at=bindparam("at", type_=CONVERSATION_AGENT.c.latest_at.type))
)
SET_UNREAD = Prepared(
    update(CONVERSATION)
    .where(CONVERSATION.c.site_id == bindparam("of_site"), CONVERSATION.c.id == bindparam("of_conversation"))
    .values(
        unread_since=bindparam("at", type_=CONVERSATION.c.unread_since.type),
        updated_at=bindparam("at", type_=CONVERSATION.c.updated_at.type),
        **_LISTED_ANSWER,
    )
)
ADD_CREDITED_VOTE = to_insert(table_of(CreditedVote))
