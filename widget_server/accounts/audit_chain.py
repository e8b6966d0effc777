"""Verify the chains of the audit log, and return their anchors.

An anchor is the number and the hash of the newest entry. Kept outside the database, it shows later that entries were
removed at the end of a chain, or that a whole chain was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, RowMapping, func, select

from ..storage.db import secret_keys, table_of
from .audit import SERVER, compute_hash, derive_key
from .models import AuditEntry

ENTRY = table_of(AuditEntry)
BATCH_ROWS = 1_000
SERVER_NAME = "server"
#: A chain that no site has.
NO_CHAIN = UUID(int=1)


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


def find_broken_entries(
    connection: Connection, anchors: Sequence[Anchor] = (), chain: UUID | None = None
) -> Iterator[tuple[UUID, int]]:
    """Yield (chain, number) of each entry that breaks a chain, or that an anchor has and the chain has not.

    Such an entry was altered or does not follow the previous one.
    """
    keys = [derive_key(secret_key) for secret_key in secret_keys()]
    missing_anchors = {(anchor.chain, anchor.number): anchor.hash for anchor in anchors}
    current_chain, number, previous_hash = NO_CHAIN, 0, ""
    query = select(ENTRY).order_by(ENTRY.c.site_id, ENTRY.c.number)
    if chain is not None:
        query = query.where(ENTRY.c.site_id == chain)
    for row in connection.execution_options(yield_per=BATCH_ROWS).execute(query).mappings():
        if row["site_id"] != current_chain:
            current_chain, number, previous_hash = row["site_id"], 0, ""
        number += 1
        if (row["number"], row["previous_hash"]) != (number, previous_hash) or not _has_valid_hash(keys, row):
            yield row["site_id"], row["number"]
        number, previous_hash = row["number"], row["hash"]
        if missing_anchors.get((current_chain, number)) == previous_hash:
            del missing_anchors[current_chain, number]
    yield from missing_anchors


def _has_valid_hash(keys: Sequence[bytes], row: RowMapping) -> bool:
    """Return whether a hash was computed with one of the keys; older keys stay valid after a new one was added."""
    return any(compute_hash(key, row) == row["hash"] for key in keys)
