"""Verify the chains of the audit log, and return their anchors.

An anchor is the number and the hash of the newest entry. Kept outside the database, it shows later that entries were
removed at the end of a chain, or that a whole chain was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, RowMapping, Select, func, select, tuple_

from ..storage.db import secret_keys, table_of
from .audit import SERVER, compute_hash, derive_key
from .models import AuditEntry

ENTRY = table_of(AuditEntry)
BATCH_ROWS = 1_000
SERVER_NAME = "server"
#: A chain that no site has.
NO_CHAIN = UUID(int=1)
#: The chain of an entry, and its number.
Entry = tuple[UUID, int]


class Anchor(NamedTuple):
    """The newest entry of a chain."""

    chain: UUID
    number: int
    hash: str

    def __str__(self) -> str:
        return f"{name_of(self.chain)} {self.number} {self.hash}"


def name_of(chain: UUID) -> str:
    """Return the name of a chain: `server`, or the id of its site."""
    return SERVER_NAME if chain == SERVER else str(chain)


def parse_anchor(text: str) -> Anchor:
    """Return the anchor at the end of a line, as `tilfreds audit anchor` and the log print it.

    Raises: ValueError: the line has none.
    """
    name, number, hash_text = text.split()[-3:]
    return Anchor(SERVER if name == SERVER_NAME else UUID(name), int(number), hash_text)


def list_anchors(connection: Connection, since: datetime | None = None) -> list[Anchor]:
    """Return the newest entry of each chain, or only of those with an entry since a time."""
    numbers = select(ENTRY.c.site_id, func.max(ENTRY.c.number).label("number")).group_by(ENTRY.c.site_id)
    newest = (numbers if since is None else numbers.where(ENTRY.c.at >= since)).subquery()
    is_newest = (ENTRY.c.site_id == newest.c.site_id) & (ENTRY.c.number == newest.c.number)
    query = select(ENTRY.c.site_id, ENTRY.c.number, ENTRY.c.hash).join(newest, is_newest).order_by(ENTRY.c.site_id)
    return [Anchor(*row) for row in connection.execute(query)]


class Batch(NamedTuple):
    """The result of verifying some entries."""

    broken_entries: list[Entry]
    #: The number of verified entries.
    size: int
    #: The last verified entry, if there are more.
    next_place: Entry | None


def verify_batch(connection: Connection, chain: UUID | None, *, after: Entry | None, limit: int) -> Batch:
    """Verify the next `limit` entries of a chain, or of all chains, after an entry."""
    query = _in_order(chain)
    previous = None
    if after is not None:
        query = query.where(tuple_(ENTRY.c.site_id, ENTRY.c.number) > after)
        at_place = (ENTRY.c.site_id == after[0], ENTRY.c.number == after[1])
        previous = connection.execute(select(ENTRY).where(*at_place)).mappings().one_or_none()
    rows = connection.execute(query.limit(limit + 1)).mappings().all()
    checked_rows = rows[:limit]
    walk = _Walk(previous)
    broken_entries = [(row["site_id"], row["number"]) for row in checked_rows if not walk.follows(row)]
    last = checked_rows[-1] if len(rows) > limit else None
    return Batch(broken_entries, len(checked_rows), (last["site_id"], last["number"]) if last else None)


class _Walk:
    """Checks entries in the order of their chains, each against the one before it."""

    def __init__(self, previous: RowMapping | None = None) -> None:
        self.keys = [derive_key(secret_key) for secret_key in secret_keys()]
        self.place = (previous["site_id"], previous["number"]) if previous else (NO_CHAIN, 0)
        self.previous_hash = previous["hash"] if previous else ""

    def follows(self, row: RowMapping) -> bool:
        """Return whether an entry is unchanged and follows the previous one."""
        if row["site_id"] != self.place[0]:
            self.place, self.previous_hash = (row["site_id"], 0), ""
        expected = (self.place[1] + 1, self.previous_hash)
        self.place = (row["site_id"], row["number"])
        self.previous_hash, stored_previous = row["hash"], row["previous_hash"]
        return (row["number"], stored_previous) == expected and _has_valid_hash(self.keys, row)


def _in_order(chain: UUID | None) -> Select[Any]:
    query = select(ENTRY).order_by(ENTRY.c.site_id, ENTRY.c.number)
    return query if chain is None else query.where(ENTRY.c.site_id == chain)


def find_broken_entries(
    connection: Connection, anchors: Sequence[Anchor] = (), chain: UUID | None = None
) -> Iterator[Entry]:
    """Yield (chain, number) of each entry that breaks a chain, or that an anchor has and the chain has not.

    Such an entry was altered or does not follow the previous one.
    """
    missing_anchors = {(anchor.chain, anchor.number): anchor.hash for anchor in anchors}
    walk = _Walk()
    for row in connection.execution_options(yield_per=BATCH_ROWS).execute(_in_order(chain)).mappings():
        if not walk.follows(row):
            yield row["site_id"], row["number"]
        if missing_anchors.get(walk.place) == walk.previous_hash:
            del missing_anchors[walk.place]
    yield from missing_anchors


def _has_valid_hash(keys: Sequence[bytes], row: RowMapping) -> bool:
    """Return whether a hash was computed with one of the keys; older keys stay valid after a new one was added."""
    return any(compute_hash(key, row) == row["hash"] for key in keys)
