"""The log of what people decided: written in the transaction that it tells of, and chained.

The SHA-256 of an entry covers its site, number, values and the entry before, so that whoever changes, removes or
reorders one breaks the chain from there on. Who writes holds the newest entry; of two who write a site's first at once
the key lets one through, and the other runs again (access.py). Entries cut off at the end leave a chain that is whole:
who wants to know keeps the newest hash elsewhere.
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
BATCH = 1_000
#: What the hash covers, in this order.
COVERED = ("site_id", "number", "at", "actor", "action", "target", "detail", "previous_hash")


def record(site_id: UUID, *, actor: str, action: str, target: str, detail: dict[str, Any] | None = None) -> AuditEntry:
    """Add an entry to the site's chain. Flushes, never commits."""
    last = _newest(site_id)
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
    entry = AuditEntry(**values, hash=hash_of(values))
    db.session.add(entry)
    db.session.flush()
    return entry


def _newest(site_id: UUID) -> AuditEntry | None:
    """The end of the chain, held until this transaction ends. While that was waited for, another may have gone on."""
    wanted = select(AuditEntry).where(AuditEntry.site_id == site_id).order_by(AuditEntry.number.desc()).limit(1)
    held = None
    while (last := db.session.scalars(wanted.with_for_update()).one_or_none()) != held:
        held = last
    return held


def entries(site_id: UUID, *, after: int, limit: int) -> Sequence[AuditEntry]:
    """The entries behind this number, oldest first."""
    wanted = select(AuditEntry).where(AuditEntry.site_id == site_id, AuditEntry.number > after)
    return db.session.scalars(wanted.order_by(AuditEntry.number).limit(limit)).all()


def hash_of(values: Any) -> str:
    """`values` has the columns of an entry as items."""
    covered = [values[name] for name in COVERED]
    text = json.dumps(covered, default=str, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def broken(connection: Connection) -> Iterator[tuple[UUID, int]]:
    """(site, number) of each entry that does not follow from the one before, or is not what was written."""
    site_id, number, before = None, 0, ""
    every = select(ENTRY).order_by(ENTRY.c.site_id, ENTRY.c.number)
    for row in connection.execution_options(yield_per=BATCH).execute(every).mappings():
        if row["site_id"] != site_id:
            site_id, number, before = row["site_id"], 0, ""
        number += 1
        if (row["number"], row["previous_hash"], row["hash"]) != (number, before, hash_of(row)):
            yield row["site_id"], row["number"]
        number, before = row["number"], row["hash"]
