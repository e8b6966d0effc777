"""The table of results keeps one row for each name, in order."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import record as module
from .record import record


def test_a_row_is_replaced_and_the_others_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RESULTS", tmp_path / "faults.md")
    for row, result in (("A13", "first"), ("A3, SQLite", "none"), ("A3, PostgreSQL", "none"), ("A13", "second")):
        record(row, result, "found")
    text = (tmp_path / "faults.md").read_text()
    assert text.startswith(module.HEAD)
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in module.rows(text)]
    assert [row[0] for row in cells] == ["A3, PostgreSQL", "A3, SQLite", "A13"]
    assert [row[2] for row in cells] == ["none", "none", "second"]
    assert cells[0][1] == "races on one segment, several processes (PostgreSQL)"
    assert cells[-1][3] == "found"
    assert cells[-1][5] == "`make test-long ARGS=tests/faults/test_record.py`"


def test_an_unknown_row_is_rejected() -> None:
    with pytest.raises(KeyError):
        record("A99", "", "")
