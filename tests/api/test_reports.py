"""The report of the API: the figures of the console's overview, by the same filter."""

from __future__ import annotations

from typing import Any

import pytest

from tests.back_end import Api
from tests.conversations.conftest import config, talks
from tests.conversations.talk import done
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from tests.widget.conftest import page, survey

__all__ = ["config", "page", "survey", "talks"]


@pytest.fixture
def votes(make: Make, site: MadeSite, talks: Any, clock: SetClock) -> None:
    """Store Ann's twenty votes of one day, of which 30 % are positive, and twenty with 95 % thirty days later."""
    make.agent(site, "ann", "Ann")
    for days, scores in ((0, [3] * 6 + [1] * 14), (30, [3] * 19 + [1])):
        clock.forward(days=days)
        for score in scores:
            clock.forward(seconds=1)
            talk = talks(channel="phone")
            talk.say("visitor")
            talk.say("agent", agent="ann")
            talk.vote(talk.ask(), score)


def test_a_report_has_both_periods(api: Api, votes: None) -> None:
    report = done(api.get("/reports/overview"))
    assert (report["since"], report["until"]) == ("2026-03-04", "2026-04-03")
    (scale,) = report["scales"]
    assert (scale["scale"], scale["kind"], scale["value"], scale["answered"]) == ("three", "share", 0.95, 20)
    assert scale["counts"] == {"1": 1, "2": 0, "3": 19}
    assert (scale["before"]["value"], scale["change"]["verdict"]) == (0.3, "higher")
    assert scale["change"]["difference"] == pytest.approx(0.65)
    assert [round(end, 3) for end in scale["interval"]] == [0.764, 0.991]
    assert sum(point["answered"] for point in scale["trend"]) == 20
    rate = report["invitations"]["now"]
    assert (rate["asked_count"], rate["answered_count"], rate["rate"]) == (20, 20, 1.0)


def test_the_filter_narrows_it(api: Api, votes: None) -> None:
    for query, answered in (
        ("agent=ann", 20),
        ("channel=phone&agent=ann", 20),
        ("channel=chat", None),
        ("weekday=3", 20),
        ("weekday=0", None),
        ("since=2026-03-03&until=2026-03-04", 20),
        ("since=2026-03-01&until=2026-04-03", 40),
    ):
        scales = done(api.get(f"/reports/overview?{query}"))["scales"]
        answered_count = next((scale["answered"] for scale in scales if scale["answered"]), None)
        assert answered_count == answered, query


def test_wrong_queries_are_refused(api: Api, clock: SetClock) -> None:
    for query in (
        "since=2026-03-04&until=2026-03-04",
        "since=2001-01-01",
        "since=0002-01-01&until=0002-01-05",
        "channel=pigeon",
        "weekday=7",
        "against=never",
        "survey=x",
        "mood=good",
    ):
        assert api.get(f"/reports/overview?{query}").status_code == 422, query
