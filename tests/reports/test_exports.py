"""No cell of an export can run as a formula, and other cells keep their text."""

from __future__ import annotations

import csv
import io
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from widget_server.reports.exports import to_cell

#: Texts that a spreadsheet evaluates, and texts of people that look like them.
FORMULAS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\x00=1",
    " =1",
    "\u00a0=1",
    "\u3000=1",
    "\ufeff=1",
    "\u200b=1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "﹢1",
    "  ＝1",
    "\ttext",
    "\rtext",
]
HARMLESS = ["", "fine", "1=1", "a-b", "c@d", "'=1", "“=1”", "مرحبا", "😀", "1", " ", "\u200b"]


def test_text_that_looks_like_a_formula_gets_a_quote(subtests: pytest.Subtests) -> None:
    for text in FORMULAS:
        with subtests.test(text=text):
            assert to_cell(text) == f"'{text}"


def test_other_text_stays_as_it_is(subtests: pytest.Subtests) -> None:
    for text in HARMLESS:
        with subtests.test(text=text):
            assert to_cell(text) == text


@pytest.mark.parametrize("value", [-3, 0, 3, -0.5])
def test_numbers_stay_numbers(value: float) -> None:
    assert to_cell(value) == value


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5))
def test_no_cell_starts_a_formula_after_a_round_trip(texts: list[str]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerow([to_cell(text) for text in texts])

    (row,) = csv.reader(io.StringIO(file.getvalue(), newline=""))

    for text, cell in zip(texts, row, strict=True):
        assert cell in (text, f"'{text}")
        bare = unicodedata.normalize("NFKC", cell.replace("\ufeff", "").replace("\u200b", "").strip())
        assert not bare.startswith(("=", "+", "-", "@")) and not cell.startswith(("\t", "\r", "\n", "\x00"))
