"""The check of comments, names and documents for the words of docs/glossary.md and CONTRIBUTING.md."""

from __future__ import annotations

from pathlib import Path

from tests.plain_language import in_document, in_javascript, in_python, in_template

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
