"""Counting the votes anew from their rows: the proof that the kept counts are right, and the mend when they are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, delete, insert, select

from ..invitations.credit import credit_of
from ..invitations.models import Invitation, InvitationTally
from ..storage.db import table_of
from .models import Vote, vote_status
from .rows import CountedRow, CountedRowInContext
from .tallies import AGENT_TALLY, QUESTION_TALLY, SUBJECT_TALLY, TALLY, CountedVote

VOTE = table_of(Vote)
INVITATION = table_of(Invitation)
INVITATION_TALLY = table_of(InvitationTally)
COUNTERS = (TALLY, AGENT_TALLY, QUESTION_TALLY, SUBJECT_TALLY, INVITATION_TALLY)
BATCH = 1_000

Key = tuple[Any, ...]


def counted_of(vote: CountedRow, context: dict[str, Any] | None) -> CountedVote:
    """Where a stored vote is counted; `context` is the frozen one of the invitation that asked."""
    return CountedVote(
        site_id=vote.site_id,
        voted_on=vote.voted_on,
        revision_id=vote.revision_id,
        channel=vote.channel,
        score=vote.score,
        outcomes=vote.outcomes,
        status=vote_status(vote.excluded_at, vote.suspicion_reason),
        verified=vote.verified,
        subject_id=vote.subject_id,
        agent_ids=[UUID(agent["id"]) for agent in credit_of(context or {})],
    )


def recount(connection: Connection) -> dict[str, Counter[Key]]:
    """Every counter by table and primary key, from the rows alone."""
    counters: dict[str, Counter[Key]] = {table.name: Counter() for table in COUNTERS}
    for vote in _votes(connection):
        for table, key in counted_of(vote, vote.context).rows():
            counters[table.name][_key(table, key)] += 1
    for row in connection.execute(
        select(INVITATION.c.site_id, INVITATION.c.decided_on, INVITATION.c.channel, INVITATION.c.status)
    ):
        counters[INVITATION_TALLY.name][_key(INVITATION_TALLY, row._asdict())] += 1
    return counters


def stored_counters(connection: Connection) -> dict[str, Counter[Key]]:
    """Every counter as it is kept; rows of zero are left out."""
    counters: dict[str, Counter[Key]] = {}
    for table in COUNTERS:
        rows = connection.execute(select(table).where(table.c.n != 0)).mappings()
        counters[table.name] = Counter({_key(table, dict(row)): row["n"] for row in rows})
    return counters


def differences(connection: Connection) -> list[tuple[str, Key, int, int]]:
    """(table, key, kept, recounted) of each counter that is wrong."""
    found = []
    right, now = recount(connection), stored_counters(connection)
    for name in right:
        for key in sorted(right[name].keys() | now[name].keys(), key=str):
            if right[name][key] != now[name][key]:
                found.append((name, key, now[name][key], right[name][key]))
    return found


def mend_counters(connection: Connection) -> None:
    """Replace every counter by what the rows say."""
    right = recount(connection)
    for table in COUNTERS:
        connection.execute(delete(table))
        names = [column.name for column in table.primary_key]
        rows = [{**dict(zip(names, key, strict=True)), "n": n} for key, n in right[table.name].items()]
        if rows:
            connection.execute(insert(table), rows)


def _votes(connection: Connection) -> Iterator[CountedRowInContext]:
    asked = (INVITATION.c.site_id == VOTE.c.site_id) & (INVITATION.c.id == VOTE.c.asked_id)
    wanted = select(VOTE, INVITATION.c.context).select_from(VOTE.outerjoin(INVITATION, asked))
    yield from connection.execution_options(yield_per=BATCH).execute(wanted)


def _key(table: Table, values: dict[str, Any]) -> Key:
    return tuple(values[column.name] for column in table.primary_key)
