"""The kinds of follow-up questions: every place that lists them lists all of them."""

from __future__ import annotations

import re
from pathlib import Path

from widget_server.surveys.questions.kinds import FOR_PAGE, KINDS

ROOT = Path(__file__).parents[2]
CONTROLS = ROOT / "static" / "src" / "later" / "question-controls.js"
PAGE = ROOT / "widget_server" / "widget" / "templates" / "widget" / "survey.html"


def test_the_card_draws_every_kind_that_follows_an_answer() -> None:
    (table,) = re.findall(r"const CREATE_BY_KIND = \{(.*?)\n\};", CONTROLS.read_text("utf-8"), re.DOTALL)
    drawn = set(re.findall(r"^  (\w+):", table, re.MULTILINE))
    # Several is asked on the page of the longer survey alone.
    assert drawn == KINDS.keys() - {"several"}


def test_the_page_of_the_longer_survey_draws_every_kind_that_it_asks() -> None:
    branches = set(re.findall(r'question\.kind == "(\w+)"', PAGE.read_text("utf-8")))
    # The last branch draws choices, of one or of several.
    assert branches | {"choice"} == set(FOR_PAGE)
