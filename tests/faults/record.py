"""The latest results of the long tests: one row each in benchmarks/faults.md."""

from __future__ import annotations

import fcntl
import os
import re
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parents[2] / "benchmarks" / "faults.md"
HEAD = """# Faults

Results of the latest run of each long test in `tests/faults/`, which writes its row here. The planted form is the same
test on a product with a deliberate fault, which it must find.

| row | what | found | planted form | date | command |
| --- | --- | --- | --- | --- | --- |
"""
#: The rows of the table. Several results of one row differ by what follows its number: "A3, SQLite".
WHAT = {
    "A3": "races on one segment, several processes",
    "A4": "answer lost after the commit",
    "A6": "`kill -9` under load",
    "A7": "power cut on SQLite, replayed from a trace of the calls",
    "A8": "crash of PostgreSQL under load",
    "A9": "failed flushes and a full disk",
    "A13": "backup and restore under load",
    "A14": "crash at every statement of every migration",
    "A15": "limiter's store gone",
    "A16": "database gone and back",
    "A19": "any sequence of verbs: counts = rows = model",
    "A20": "restarts under load",
    "A21": "crash between commit and delivery",
    "A22": "slow and endless requests",
}


def record(row: str, result: str, planted: str) -> None:
    """Replace the row with the result of the current test."""
    name, _, more = row.partition(",")
    what = f"{WHAT[name]}{f' ({more.strip()})' if more else ''}"
    # Not the product's clock, which the test may have changed.
    date = f"{datetime.now(UTC):%Y-%m-%d}"
    line = f"| {row} | {what} | {result} | {planted} | {date} | `{command()}` |"
    RESULTS.touch()
    with RESULTS.open("r+") as file:
        # Two runs may end at the same moment.
        fcntl.flock(file, fcntl.LOCK_EX)
        lines = [other_row for other_row in rows(file.read()) if not other_row.startswith(f"| {row} |")]
        file.seek(0)
        file.truncate()
        file.write(HEAD + "\n".join(sorted([*lines, line], key=place)) + "\n")


def command() -> str:
    """Return the command that runs the current test."""
    file = os.environ["PYTEST_CURRENT_TEST"].partition("::")[0]
    return f"make test-long ARGS={file}"


def rows(text: str) -> list[str]:
    return re.findall(r"^\| A\d.*$", text, re.MULTILINE)


def place(line: str) -> tuple[int, str]:
    """Return the sort key of a row, so that A13 comes after A3."""
    row_match = re.match(r"\| A(\d+)", line)
    assert row_match is not None, line
    return int(row_match.group(1)), line
