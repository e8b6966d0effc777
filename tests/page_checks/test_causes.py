"""The list of causes: documented, complete, and readable with every value filled in."""

from __future__ import annotations

import re
from pathlib import Path

from widget_server.invitations.rules import REASONS
from widget_server.page_checks.cause import STEPS
from widget_server.page_checks.causes import CAUSES, Finding, by_step, describe

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "nothing-shows.md"


def test_the_guide_lists_every_cause_with_its_fix() -> None:
    guide = GUIDE.read_text("utf-8").replace("`", "")
    for cause in CAUSES.values():
        assert f"| {cause.message} | {cause.fix} |".replace("`", "") in guide, cause.message


def test_every_reason_not_to_ask_is_a_cause() -> None:
    assert {f"not_asked_{reason}" for reason in REASONS} <= set(CAUSES)


def test_each_cause_has_a_step_two_sentences_and_its_values_filled_in() -> None:
    for code, cause in CAUSES.items():
        assert cause.step in STEPS
        names = set(re.findall(r"\{(\w+)\}", cause.message + cause.fix))
        texts = describe(Finding(code, dict.fromkeys(names, "value")), str)
        assert all(text and "{" not in text for text in texts), code


def test_failures_come_before_notes_and_earlier_steps_first() -> None:
    codes = ["below", "covered", "tag_missing", "redirected", "origin_not_allowed"]
    ordered_codes = [finding.code for finding in by_step(map(Finding, codes))]
    assert ordered_codes == ["tag_missing", "origin_not_allowed", "covered", "redirected", "below"]
