"""The audit log, a hash chain of decisions.

Each entry is written in the transaction that it describes.

The SHA-256 of an entry covers its site, number, values and the previous entry, so changing, removing or reordering an
entry breaks the chain from there on. Writers lock the newest entry. If two create a site's first entry at once, the
primary key rejects one, which runs again (auth/access.py). Entries removed at the end leave an intact chain; to detect
that, keep the newest hash elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from ..core import clock
from ..storage.db import db, table_of
from .models import AuditEntry

ENTRY = table_of(AuditEntry)
BATCH_ROWS = 1_000
#: The columns that the hash covers, in this order.
HASHED_COLUMNS = ("site_id", "number", "at", "actor", "action", "target", "detail", "previous_hash")


def record(site_id: UUID, *, actor: str, action: str, target: str, detail: dict[str, Any] | None = None) -> AuditEntry:
    """Add an entry to the site's chain and return it. Flushes, never commits."""
    last = _lock_newest_entry(site_id)
    values = {
        "site_id": site_id,
        "number": last.number + 1 if last else 1,
        "at": clock.now(),
        "actor": actor,
        "action": action,
        "target": target,
        "detail": detail or {},
        "previous_hash": last.hash if last else "",
    }
    entry = AuditEntry(**values, hash=compute_hash(values))
    db.session.add(entry)
    db.session.flush()
    return entry


def _lock_newest_entry(site_id: UUID) -> AuditEntry | None:
    """Return the newest entry, locked until this transaction ends.

    Another writer may add an entry while this one waits for the lock, so it reads until the locked entry is the newest.
    """
    query = select(AuditEntry).where(AuditEntry.site_id == site_id).order_by(AuditEntry.number.desc()).limit(1)
    locked_entry = None
    while (last := db.session.scalars(query.with_for_update()).one_or_none()) != locked_entry:
        locked_entry = last
    return locked_entry


def list_entries(site_id: UUID, *, after: int, limit: int) -> Sequence[AuditEntry]:
    """Return the entries with a number above `after`, oldest first."""
    query = select(AuditEntry).where(AuditEntry.site_id == site_id, AuditEntry.number > after)
    return db.session.scalars(query.order_by(AuditEntry.number).limit(limit)).all()


def compute_hash(values: Any) -> str:
    """Return the hash of an entry, whose columns are the items of `values`."""
    hashed_values = [values[name] for name in HASHED_COLUMNS]
    text = json.dumps(hashed_values, default=str, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def find_broken_entries(connection: Connection) -> Iterator[tuple[UUID, int]]:
    """Yield (site id, number) of each entry that breaks the chain.

    It was altered or does not follow the previous one.
    """
    site_id, number, previous_hash = None, 0, ""
    query = select(ENTRY).order_by(ENTRY.c.site_id, ENTRY.c.number)
    for row in connection.execution_options(yield_per=BATCH_ROWS).execute(query).mappings():
        if row["site_id"] != site_id:
            site_id, number, previous_hash = row["site_id"], 0, ""
        number += 1
        if (row["number"], row["previous_hash"], row["hash"]) != (number, previous_hash, compute_hash(row)):
            yield row["site_id"], row["number"]
        number, previous_hash = row["number"], row["hash"]
