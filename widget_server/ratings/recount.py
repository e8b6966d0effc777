"""Count the votes again from their rows, compare the result with the stored counters, and correct them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, delete, insert, select

from ..invitations.credit import read_credited_agents
from ..invitations.models import Invitation, InvitationTally
from ..sites.models import Site
from ..storage.db import table_of
from .models import Vote, vote_status
from .rows import CountedRow, CountedRowInContext
from .tallies import AGENT_TALLY, QUESTION_TALLY, SUBJECT_TALLY, TALLY, CountedVote

VOTE = table_of(Vote)
INVITATION = table_of(Invitation)
INVITATION_TALLY = table_of(InvitationTally)
SITE = table_of(Site)
COUNTERS = (TALLY, AGENT_TALLY, QUESTION_TALLY, SUBJECT_TALLY, INVITATION_TALLY)
TABLES = {table.name: table for table in COUNTERS}
BATCH = 1_000

Key = tuple[Any, ...]


def counted_of(vote: CountedRow, context: dict[str, Any] | None) -> CountedVote:
    """Return where a stored vote is counted. `context` is the frozen context of its invitation."""
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
        agent_ids=[UUID(agent["id"]) for agent in read_credited_agents(context or {})],
    )


def recount(connection: Connection) -> dict[str, Counter[Key]]:
    """Return every counter by table and primary key, computed from the rows."""
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
    """Return every stored counter by table and primary key, without those that are zero."""
    counters: dict[str, Counter[Key]] = {}
    for table in COUNTERS:
        rows = connection.execute(select(table).where(table.c.n != 0)).mappings()
        counters[table.name] = Counter({_key(table, dict(row)): row["n"] for row in rows})
    return counters


def differences(connection: Connection) -> list[tuple[str, Key, int, int]]:
    """Return (table, key, stored, recounted) of each counter that is wrong.

    Of a day from which retention deleted ratings, a counter may exceed its rows.
    """
    wrong_counters = []
    last_days = _last_deleted_days(connection)
    recounted, stored = recount(connection), stored_counters(connection)
    for name in recounted:
        for key in sorted(recounted[name].keys() | stored[name].keys(), key=str):
            is_kept = _is_kept(TABLES[name], key, last_days) and recounted[name][key] < stored[name][key]
            if recounted[name][key] != stored[name][key] and not is_kept:
                wrong_counters.append((name, key, stored[name][key], recounted[name][key]))
    return wrong_counters


def mend_counters(connection: Connection) -> None:
    """Replace every stored counter by its recount, except those that exceed the rows that retention left."""
    recounted, stored, last_days = recount(connection), stored_counters(connection), _last_deleted_days(connection)
    for table in COUNTERS:
        counts = recounted[table.name]
        for key, n in stored[table.name].items():
            if _is_kept(table, key, last_days):
                counts[key] = max(n, counts[key])
        connection.execute(delete(table))
        names = [column.name for column in table.primary_key]
        rows = [{**dict(zip(names, key, strict=True)), "n": n} for key, n in recounted[table.name].items()]
        if rows:
            connection.execute(insert(table), rows)


def _last_deleted_days(connection: Connection) -> dict[UUID, date]:
    query = select(SITE.c.id, SITE.c.ratings_deleted_until).where(SITE.c.ratings_deleted_until.is_not(None))
    return dict(connection.execute(query).all())


def _is_kept(table: Table, key: Key, last_days: Mapping[UUID, date]) -> bool:
    """Return whether retention deleted ratings of the counter's day, whose counts stay."""
    values = dict(zip((column.name for column in table.primary_key), key, strict=True))
    last_day = last_days.get(values["site_id"])
    return last_day is not None and "voted_on" in values and values["voted_on"] <= last_day


def _votes(connection: Connection) -> Iterator[CountedRowInContext]:
    of_vote = (INVITATION.c.site_id == VOTE.c.site_id) & (INVITATION.c.id == VOTE.c.asked_id)
    query = select(VOTE, INVITATION.c.context).select_from(VOTE.outerjoin(INVITATION, of_vote))
    # An option of the connection would outlast this query, and PostgreSQL refuses to stream a DELETE.
    yield from connection.execute(query.execution_options(yield_per=BATCH))


def _key(table: Table, values: dict[str, Any]) -> Key:
    return tuple(values[column.name] for column in table.primary_key)
