"""The table of figures and their bars in results.md."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from widget_server.core import clock

RESULTS = Path(__file__).with_name("results.md")
MET_TEXTS = {True: "yes", False: "**no**", None: ""}


@dataclass(frozen=True)
class Row:
    """A figure and its bar; `met` is None if it has no bar."""

    what: str
    figure: str
    bar: str = ""
    met: bool | None = None


def write_table(rows: Iterable[Row]) -> str:
    """Replace the table in results.md; the sections below it stay."""
    size = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    lines = [
        "# Figures against the bars",
        "",
        f"{clock.now():%Y-%m-%d}, {size}; the load generator shares the cores. `make bench` rewrites this table.",
        "Rates vary between machines and hours; only the ratios of one run are reliable.",
        "",
        "| What | Figure | Bar | Met |",
        "|---|---|---|---|",
    ]
    lines += [f"| {row.what} | {row.figure} | {row.bar} | {MET_TEXTS[row.met]} |" for row in rows]
    text = "\n".join(lines) + "\n"
    notes = RESULTS.read_text().partition("\n## ")[2] if RESULTS.exists() else ""
    RESULTS.write_text(text + (f"\n## {notes}" if notes else ""))
    return text


def write_section(heading: str, text: str) -> None:
    """Add a section below the table, replacing an earlier one with the same heading."""
    sections = re.split(r"^## ", RESULTS.read_text(), flags=re.MULTILINE)
    other_sections = [section for section in sections if not section.startswith(f"{heading}\n")]
    new_section = f"{heading}\n\n{text}\n\n"
    RESULTS.write_text("## ".join([*other_sections[:1], new_section, *other_sections[1:]]).rstrip() + "\n")
