"""Wrong clocks: a visitor's moves nothing but an age that is clamped, and ours may jump without losing a vote."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from ..back_end import Api
from ..conversations.rows import counts, rows, wrong_counts
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..factories import Make
from ..frozen_clock import SetClock
from ..widget.conftest import Page, press_id

HOUR_MS = 3_600_000
TWO_DAYS_MS = 48 * HOUR_MS
SUBJECT = {"kind": "article", "subject": "/a"}
NONSENSE = [TWO_DAYS_MS + 1, 400 * 24 * HOUR_MS, 56 * 365 * 24 * HOUR_MS, 2**53]
#: Headers by which a page might tell its time; ours is never theirs.
TIMES = ["Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "yesterday", "\xff", "0", ""]


def report(app: Flask, api: Api) -> Any:
    """What reports are made of: the counts and the votes, without ids."""
    votes = done(api.get("/votes"))["votes"]
    fields = ("answer", "at", "first_at", "changed_at", "voted_on", "status", "verified", "channel")
    return [{name: vote[name] for name in fields} for vote in votes], sorted(counts(app)["tally"].values())


def test_a_visitors_clock_is_not_asked(app: Flask, api: Api, article_page: Page, clock: SetClock) -> None:
    """The run with junk in every header of time is the run without."""
    name = press_id()
    done(article_page.vote(SUBJECT, 2, id=name))
    plain = report(app, api)
    for number, junk in enumerate(TIMES):
        headers = {"Date": junk, "If-Modified-Since": junk, "X-Timestamp": junk, "Last-Modified": junk}
        body = {**SUBJECT, "id": name, "rev": 2 + number, "revision": article_page.revision, "score": 2}
        assert done(article_page.post("votes", body, headers=headers))["status"] == "saved"
    assert report(app, api) == plain


@pytest.mark.parametrize("age_ms", NONSENSE)
def test_an_age_beyond_two_days_is_two_days(app: Flask, article_page: Page, clock: SetClock, age_ms: int) -> None:
    """A clock that jumps by decades between press and delivery: the vote is kept, as the longest kept ones are."""
    assert done(article_page.vote(SUBJECT, 1, age_ms=age_ms))["status"] == "saved"
    vote = rows(app, "vote")[0]
    assert vote.intended_at.replace(tzinfo=UTC) == clock.now() - timedelta(hours=48)
    assert vote.changed_at.replace(tzinfo=UTC) == clock.now()
    assert sum(counts(app)["tally"].values()) == 1


def test_an_age_that_is_none_is_refused_with_its_place(
    app: Flask, article_page: Page, subtests: pytest.Subtests
) -> None:
    for age_ms in (-1, -(2**40), 0.5, True, "5", None, 2**53 + 1, float("1e300")):
        before = rows(app, "vote")
        with subtests.test(age_ms=age_ms):
            refused = article_page.vote(SUBJECT, age_ms=age_ms)
            assert (refused.status_code, refused.get_json()["pointer"]) == (422, "/age_ms")
            assert rows(app, "vote") == before


@ON_BOTH
def test_nobody_gets_ahead_by_an_age(talk: Talk, clock: SetClock) -> None:
    """A press cannot be later than its arrival, so the last word cannot be had for good."""
    token = talk.chat().ask()
    clock.forward(minutes=1)
    first = talk.vote(token, 1, id=press_id(), age_ms=0)
    second = talk.vote(token, 3, id=press_id(), age_ms=0)
    assert (first["score"], second["status"], second["score"]) == (1, "ignored", 1), "the same moment: the first stands"
    clock.forward(seconds=1)
    assert talk.vote(token, 3, id=press_id())["score"] == 3


JUMPS = [timedelta(days=400), timedelta(days=-400), timedelta(seconds=-1), timedelta(hours=-49)]


@ON_BOTH
@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_our_clock_jumps(app: Flask, talk: Talk, article_page: Page, clock: SetClock, jump: timedelta) -> None:
    """Whatever it says: one client's own order holds, no row is doubled, and the counts are those of the rows."""
    name, token = press_id(), talk.chat().ask()
    first = talk.vote(token, 1, id=name)
    reader = done(article_page.vote(SUBJECT, 1, id=name))
    clock.set(clock.now() + jump)
    again = talk.page.vote(token, 3, id=name, rev=2)
    assert again.status_code == (409 if jump > timedelta(days=14) else 200)
    assert done(talk.page.vote(token, 1, id=name))["vote"] == first["vote"], "a retry still gets its receipt"
    changed = done(article_page.vote(SUBJECT, 3, id=name, rev=2))
    assert (changed["vote"], changed["score"]) == (reader["vote"], 3)
    clock.set(clock.now() - jump)
    assert done(article_page.vote(SUBJECT, 2, id=name, rev=3))["score"] == 2
    talk.say("visitor")
    talk.say("agent")
    assert {str(row.voted_on) for row in rows(app, "vote")} == {"2026-03-03"}
    assert wrong_counts(app) == []


@ON_BOTH
def test_summer_time_and_midnight(app: Flask, make: Make, clock: SetClock) -> None:
    """The day on which Copenhagen's clocks go forward has 23 hours."""
    site = make.site(name="Zone", time_zone="Europe/Copenhagen")
    page = Page(make.client, site.key, str(make.survey(site, "article").revision))
    moments = {
        "2026-03-28T22:59:59": "2026-03-28",
        "2026-03-28T23:00:00": "2026-03-29",
        "2026-03-29T21:59:59": "2026-03-29",
        "2026-03-29T22:00:00": "2026-03-30",
    }
    for moment, day in moments.items():
        clock.set(datetime.fromisoformat(moment).replace(tzinfo=UTC))
        done(page.vote({**SUBJECT, "subject": moment}))
        assert str(rows(app, "vote")[-1].voted_on) == day
    assert sorted(str(key[1]) for key in counts(app)["tally"]) == ["2026-03-28", "2026-03-29", "2026-03-30"]
