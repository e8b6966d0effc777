"""The counts of a report: the same from counters and from the votes, under every filter, after any sequence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from flask import Flask

from tests.back_end import Api
from tests.conversations.conftest import article_page, talks
from tests.conversations.talk import done
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from tests.widget.conftest import page, survey
from widget_server.ratings.models import Vote
from widget_server.reports import vote_counts
from widget_server.reports.report_filter import ReportFilter
from widget_server.reports.response_rates import ResponseRate, count_article_views, count_invitations
from widget_server.reports.vote_counts import Cut, count_by_day, count_by_group, votes_source
from widget_server.storage.db import db

__all__ = ["article_page", "page", "survey", "talks"]
#: The clock of the tests shows Tuesday 3 March 2026.
TODAY = date(2026, 3, 3)
ALL_DAYS = ReportFilter(TODAY, TODAY + timedelta(days=60))
FILTERS: dict[str, dict[str, Any]] = {
    "all": {},
    "with excluded": {"excluded": "with"},
    "agent": {"agent": "ann"},
    "another agent": {"agent": "ben", "verified": True},
    "article": {"article": "/guide"},
    "channel": {"channel": ("phone",)},
    "channels": {"channel": ("phone", "chat")},
    "channel of an agent": {"channel": ("phone",), "agent": "ann"},
    "channel of an article": {"channel": ("other",), "article": "/guide"},
    "weekdays": {"weekday": (1, 4)},
    "unverified": {"verified": False},
    "no such agent": {"agent": "zoe"},
}


@pytest.fixture
def many_votes(make: Make, site: MadeSite, talks: Any, article_page: Any, api: Api, clock: SetClock) -> None:
    """Store votes of two agents, channels and articles on several days, and change, exclude and restore some."""
    random = Random(7)
    make.survey(site, "article", look="thumbs")
    for name in ("ann", "ben"):
        make.agent(site, name, name.title())
    cases = [(talk, talk.ask()) for talk in [_talk(talks, random) for _ in range(14)]]
    for number in range(40):
        clock.forward(hours=random.randint(1, 30) if number % 4 == 0 else 0, seconds=61)
        if random.random() < 0.3:
            subject = {"kind": "article", "subject": random.choice(["/guide", "/help"])}
            article_page.vote(subject, random.choice([1, 2]))
            continue
        talk, token = random.choice(cases)
        talk.vote(token, random.choice([1, 2, 3, None]), rev=number + 1)
        if number % 6 == 5:
            votes = done(api.get("/votes"))["votes"]
            action = random.choice(["exclude", "restore"])
            api.post(
                f"/votes/{random.choice(votes)['id']}/{action}", {"reason": "a test"} if action == "exclude" else None
            )


def _talk(talks: Any, random: Random) -> Any:
    talk = talks(channel=random.choice(["chat", "phone"]))
    talk.say("visitor")
    for agent in random.choice([["ann"], ["ben"], ["ann", "ben"]]):
        talk.say("agent", agent=agent)
    return talk


@ON_BOTH
def test_counters_and_votes_agree_under_every_filter(
    app: Flask, site: MadeSite, many_votes: None, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    def scan(report_filter: ReportFilter, cut: Cut | None = None) -> Any:
        return votes_source(report_filter, of_agents=report_filter.agent is not None or cut == "agent")

    cuts: list[Cut] = ["channel", "survey", "agent", "article", "weekday", "verified"]
    readings: list[Callable[[ReportFilter], Any]] = [
        lambda report_filter: count_by_day(db.session, site.id, report_filter)
    ]
    readings += [
        lambda report_filter, cut=cut, scale=scale: count_by_group(db.session, site.id, report_filter, cut, scale)  # type: ignore[misc]
        for cut in cuts
        for scale in ("three", "thumbs")
    ]
    with app.app_context():
        assert db.session.query(Vote).count() > 10
        nonempty = 0
        for name, values in FILTERS.items():
            report_filter = ReportFilter(**{**vars(ALL_DAYS), **values})
            for number, read in enumerate(readings):
                with subtests.test(filter=name, reading=number):
                    from_counters = read(report_filter)
                    with monkeypatch.context() as patch:
                        patch.setattr(vote_counts, "choose_source", scan)
                        from_votes = read(report_filter)
                    assert _without_none(from_counters) == _without_none(from_votes)
                    nonempty += bool(from_votes)
    assert nonempty > 60


def _without_none(counts: dict[Any, Any]) -> dict[Any, Any]:
    """Leave out votes without a subject: only the votes themselves have a group of those."""
    return {key: dict(value) for key, value in counts.items() if key is not None}


def test_a_report_has_only_its_days(app: Flask, site: MadeSite, talks: Any, clock: SetClock) -> None:
    for days, score in ((0, 3), (1, 1), (1, 2)):
        clock.forward(days=days, seconds=1)
        talk = talks().chat()
        talk.vote(talk.ask(), score)
    with app.app_context():
        middle = ReportFilter(TODAY + timedelta(days=1), TODAY + timedelta(days=2))
        assert count_by_day(db.session, site.id, middle) == {"three": {TODAY + timedelta(days=1): {1: 1}}}


@ON_BOTH
def test_the_filter_narrows_who_was_asked_too(
    app: Flask, make: Make, site: MadeSite, talks: Any, survey: Any, clock: SetClock, subtests: pytest.Subtests
) -> None:
    for channel, agent, score in (
        ("chat", "ann", 3),
        ("chat", "ann", None),
        ("phone", "ben", 1),
        ("phone", "ann", None),
    ):
        make.agent(site, agent, agent.title())
        talk = talks(channel=channel)
        talk.say("visitor")
        talk.say("agent", agent=agent)
        token = talk.ask()
        if score:
            talk.vote(token, score)
    expected: dict[str, tuple[dict[str, Any], tuple[int, int]]] = {
        "all": ({}, (4, 2)),
        "channel": ({"channel": ("phone",)}, (2, 1)),
        "agent": ({"agent": "ann"}, (3, 1)),
        "agent and channel": ({"agent": "ann", "channel": ("phone",)}, (1, 0)),
        "survey": ({"survey": (survey.id,)}, (4, 2)),
        "weekday": ({"weekday": (2,)}, (0, 0)),
        "article": ({"article": "/guide"}, (0, 0)),
    }
    with app.app_context():
        for name, (values, counts) in expected.items():
            with subtests.test(filter=name):
                rate = count_invitations(db.session, site.id, ReportFilter(**{**vars(ALL_DAYS), **values}))
                assert (rate.asked, rate.answered) == counts
        verified = [
            count_invitations(db.session, site.id, ReportFilter(**{**vars(ALL_DAYS), "verified": value})).asked
            for value in (True, False)
        ]
        assert sum(verified) == 4


def test_articles_ask_everyone_who_sees_the_survey(
    app: Flask, site: MadeSite, clock: SetClock, article_page: Any, api: Api
) -> None:
    article_page.vote({"kind": "article", "subject": "/guide"}, 3)
    with app.app_context():
        guide = ReportFilter(**{**vars(ALL_DAYS), "article": "/guide"})
        assert count_article_views(db.session, site.id, guide).answered == 1
        assert (
            count_article_views(db.session, site.id, ReportFilter(**{**vars(ALL_DAYS), "article": "/x"})).answered == 0
        )
        channel = ReportFilter(**{**vars(ALL_DAYS), "channel": ("chat",)})
        assert count_article_views(db.session, site.id, channel) == ResponseRate()

    api.post(f"/votes/{done(api.get('/votes'))['votes'][0]['id']}/exclude", {"reason": "a test"})
    with app.app_context():
        with_excluded = ReportFilter(**{**vars(guide), "excluded": "with"})
        answered = [count_article_views(db.session, site.id, one).answered for one in (guide, with_excluded)]
        assert answered == [0, 1], "the rate has the votes that the report counts"
