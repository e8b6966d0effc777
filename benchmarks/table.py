"""The table of figures: what was measured, beside its bar."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from widget_server.core import clock

RESULTS = Path(__file__).with_name("results.md")
WORDS = {True: "yes", False: "**no**", None: ""}


@dataclass(frozen=True)
class Row:
    """One measured thing beside its bar; `met` is None where no bar is set."""

    what: str
    figure: str
    bar: str = ""
    met: bool | None = None


def write(rows: Iterable[Row]) -> str:
    """Put the rows into results.md; what is said below the table stays."""
    size = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    lines = [
        "# Figures against the bars",
        "",
        f"{clock.now():%Y-%m-%d}, {size}; the load generator shares the cores. `make bench` makes this page anew.",
        "Rates vary between machines and hours; the ratios of one run are what holds.",
        "",
        "| What | Figure | Bar | Met |",
        "|---|---|---|---|",
    ]
    lines += [f"| {row.what} | {row.figure} | {row.bar} | {WORDS[row.met]} |" for row in rows]
    text = "\n".join(lines) + "\n"
    notes = RESULTS.read_text().partition("\n## ")[2] if RESULTS.exists() else ""
    RESULTS.write_text(text + (f"\n## {notes}" if notes else ""))
    return text


def write_section(heading: str, text: str) -> None:
    """Put a section of its own below the table, in place of an earlier one of the same heading."""
    parts = re.split(r"^## ", RESULTS.read_text(), flags=re.MULTILINE)
    kept = [part for part in parts if not part.startswith(f"{heading}\n")]
    RESULTS.write_text("## ".join([*kept[:1], f"{heading}\n\n{text}\n\n", *kept[1:]]).rstrip() + "\n")
