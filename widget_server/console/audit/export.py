"""The audit log as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable

from ...accounts import audit_chain
from ...accounts.models import AuditEntry
from ...reports.exports import Cell, to_cell

COLUMNS = ("chain", "number", "at", "actor", "actor_kind", "actor_id", "action", "target", "detail", "hash")


def to_csv(entries: Iterable[AuditEntry]) -> str:
    """Return entries as CSV, whose cells no spreadsheet runs as formulas."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows(to_row(entry) for entry in entries)
    return file.getvalue()


def to_row(entry: AuditEntry) -> list[Cell]:
    values = {
        **{name: getattr(entry, name) for name in COLUMNS if name != "chain"},
        "chain": audit_chain.name_of(entry.site_id),
        "detail": json.dumps(entry.detail, ensure_ascii=False),
    }
    return [to_cell(values[name]) for name in COLUMNS]
