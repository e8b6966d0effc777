"""Tests that every list of the kinds of follow-up questions is complete."""

from __future__ import annotations

import re
from pathlib import Path

from widget_server.surveys.questions.kinds import FOR_PAGE, KINDS

ROOT = Path(__file__).parents[2]
CONTROLS = ROOT / "static" / "src" / "later" / "question-controls.js"
PAGE = ROOT / "widget_server" / "widget" / "templates" / "widget" / "survey.html"


def test_the_card_draws_every_kind_that_follows_an_answer() -> None:
    (table,) = re.findall(r"const CREATE_BY_KIND = \{(.*?)\n\};", CONTROLS.read_text("utf-8"), re.DOTALL)
    drawn_kinds = set(re.findall(r"^  (\w+):", table, re.MULTILINE))
    # Only the survey page asks the kind several.
    assert drawn_kinds == KINDS.keys() - {"several"}


def test_the_survey_page_draws_every_kind_that_it_asks() -> None:
    branches = set(re.findall(r'question\.kind == "(\w+)"', PAGE.read_text("utf-8")))
    # The last branch draws both choice and several.
    assert branches | {"choice"} == set(FOR_PAGE)
