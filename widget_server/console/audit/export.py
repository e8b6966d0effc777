"""The audit log as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence

from ...accounts import audit_chain
from ...accounts.models import AuditEntry
from ...reports.exports import Cell, to_cell

COLUMNS = ("chain", "number", "at", "actor", "actor_kind", "actor_id", "action", "target", "detail", "hash")


def to_csv(pages: Iterable[Sequence[AuditEntry]]) -> Iterator[bytes]:
    """Yield pages of entries as CSV, whose cells no spreadsheet runs as formulas."""
    yield _to_lines([COLUMNS])
    for entries in pages:
        yield _to_lines([to_row(entry) for entry in entries])


def _to_lines(rows: Iterable[Sequence[Cell]]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def to_row(entry: AuditEntry) -> list[Cell]:
    values = {
        **{name: getattr(entry, name) for name in COLUMNS if name != "chain"},
        "chain": audit_chain.name_of(entry.site_id),
        "detail": json.dumps(entry.detail, ensure_ascii=False),
    }
    return [to_cell(values[name]) for name in COLUMNS]
