"""The check of comments, names and documents for the words of docs/glossary.md and CONTRIBUTING.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plain_language import files_of, in_document, in_javascript, in_python, in_template, violations

ROOT = Path(__file__).parents[1]

PYTHON = '''
def judge(found):
    """Whether nobody was asked."""
    told = found  # Read anew.
'''


def test_each_kind_of_file_is_read() -> None:
    assert [violation.text for violation in sorted(in_python(PYTHON))] == [
        "found",
        "Whether nobody was asked.",
        "nobody",
        "anew",
        "told",
    ]
    assert [v.text for v in in_javascript("// whoever\nconst made = 1; // https://x/anew\n")] == [
        "whoever",
        "anew",
        "made",
    ]
    assert [v.text for v in in_template("<p>{{ nobody }} is told</p>")] == ["is told"]
    assert [v.line for v in in_document("```\nanew\n```\nIt `stands`, and stands.\n")] == [4]


FOLDERS = ("widget_server", "static", "clients", "docs", "tests", "benchmarks")
MAX_LINE_LENGTH = 120
#: Written by `make bench` and by the long tests.
GENERATED = {ROOT / "benchmarks" / name for name in ("results.md", "faults.md")}
#: Names what it looks for.
RULES = {ROOT / "tests" / name for name in ("plain_language.py", "test_plain_language.py")}


@pytest.mark.slow
def test_every_file_is_written_plainly() -> None:
    files = set(files_of(*ROOT.glob("*.md"), *(ROOT / folder for folder in FOLDERS))) - GENERATED - RULES
    assert len(files) > 500
    listed = [
        f"{file.relative_to(ROOT)}:{violation.line}: {violation.text} ({violation.advice})"
        for file in sorted(files)
        for violation in violations(file)
    ]
    assert listed == []


def test_lines_of_scripts_fit_a_screen() -> None:
    scripts = [file for file in files_of(ROOT / "static", ROOT / "clients") if file.suffix in {".js", ".mjs"}]
    assert len(scripts) > 50
    listed = [
        f"{script.relative_to(ROOT)}:{number}"
        for script in scripts
        for number, line in enumerate(script.read_text("utf-8").splitlines(), 1)
        if len(line) > MAX_LINE_LENGTH
    ]
    assert listed == []
