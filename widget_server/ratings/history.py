"""Bound the history of a vote, which its client could lengthen by a row with every save.

The first and the last entry stay, and those that change the score as long as there is room.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, case, delete, func, select

from ..storage.prepared import Prepared
from . import statements
from .rows import StoredVote
from .statements import CHANGE
from .vote_write import VoteWrite

MAX_ENTRIES = 50

_of_vote = (CHANGE.c.site_id == bindparam("of_site"), CHANGE.c.vote_id == bindparam("of_vote"))
_earlier = CHANGE.alias()
_score_before = (
    select(_earlier.c.score)
    .where(
        _earlier.c.site_id == bindparam("of_site"),
        _earlier.c.vote_id == bindparam("of_vote"),
        _earlier.c.version < bindparam("last"),
    )
    .order_by(_earlier.c.version.desc())
    .limit(1)
    .scalar_subquery()
)
#: Deletes the last entry, unless it is the first or changed the score.
_FOLD = Prepared(
    delete(CHANGE).where(
        *_of_vote,
        CHANGE.c.version == bindparam("last"),
        CHANGE.c.version > 1,
        CHANGE.c.score.is_not_distinct_from(_score_before),
    )
)
_previous_score = func.lag(CHANGE.c.score).over(order_by=CHANGE.c.version)
_entries = (
    select(
        CHANGE.c.version,
        case((CHANGE.c.score.is_distinct_from(_previous_score), 1), else_=0).label("moves"),
        func.row_number().over(order_by=CHANGE.c.version).label("place"),
        func.count().over().label("total"),
    )
    .where(*_of_vote)
    .subquery()
)
_middle_entries = (
    select(
        _entries.c.version,
        _entries.c.total,
        func.row_number().over(order_by=(_entries.c.moves, _entries.c.version)).label("place"),
    )
    .where(_entries.c.place > 1, _entries.c.place < _entries.c.total)
    .subquery()
)
#: Deletes what is above `MAX_ENTRIES`: first entries that do not change the score, the oldest first.
_PRUNE = Prepared(
    delete(CHANGE).where(
        *_of_vote,
        CHANGE.c.version.in_(
            select(_middle_entries.c.version).where(_middle_entries.c.place <= _middle_entries.c.total - MAX_ENTRIES)
        ),
    )
)


def add_entry(write: VoteWrite, existing_vote: StoredVote, version: int, *, recovery: bool) -> None:
    """Add the submission to the history of its vote, in place of one of the same minute with the same score."""
    of_vote = {"of_site": write.site.id, "of_vote": existing_vote.id}
    if _is_of_same_minute(write, existing_vote):
        _FOLD.run(write.connection, {**of_vote, "last": existing_vote.version})
    row = {
        "site_id": write.site.id,
        "vote_id": existing_vote.id,
        "version": version,
        "recovery": recovery,
        "stored_at": write.submission.received_at,
    }
    statements.ADD_CHANGE.run(write.connection, {**write.values, **row})
    if version > MAX_ENTRIES:
        _PRUNE.run(write.connection, of_vote)


def _is_of_same_minute(write: VoteWrite, existing_vote: StoredVote) -> bool:
    submission = write.submission
    return (
        submission.client_hash == existing_vote.client_hash
        and submission.score == existing_vote.score
        and _minute(submission.received_at) == _minute(existing_vote.changed_at)
    )


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
