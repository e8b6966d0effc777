"""Wrong clocks: a visitor's clock changes only an age that is clamped; the server's may jump without losing a vote."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from ..back_end import Api
from ..conversations.rows import counts, rows, wrong_counts
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..factories import MadeSite, Make
from ..frozen_clock import SetClock
from ..invitations.signing import signed
from ..widget.conftest import Page, press_id

HOUR_MS = 3_600_000
TWO_DAYS_MS = 48 * HOUR_MS
SUBJECT = {"kind": "article", "subject": "/a"}
LARGE_AGES_MS = [TWO_DAYS_MS + 1, 400 * 24 * HOUR_MS, 56 * 365 * 24 * HOUR_MS, 2**53]
#: Values of headers with a page's time. The server uses none of them.
TIME_HEADERS = ["Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "yesterday", "\xff", "0", ""]


def read_votes_and_counts(app: Flask, api: Api) -> Any:
    """Return the votes without their ids, and the counts that reports use."""
    votes = done(api.get("/votes"))["votes"]
    fields = ("answer", "at", "first_at", "changed_at", "voted_on", "status", "verified", "channel")
    return [{name: vote[name] for name in fields} for vote in votes], sorted(counts(app)["tally"].values())


def test_a_visitors_clock_is_ignored(app: Flask, api: Api, article_page: Page, clock: SetClock) -> None:
    """Requests with invalid time headers have the same result as one without."""
    name = press_id()
    done(article_page.vote(SUBJECT, 2, id=name))
    expected = read_votes_and_counts(app, api)
    for number, value in enumerate(TIME_HEADERS):
        headers = {"Date": value, "If-Modified-Since": value, "X-Timestamp": value, "Last-Modified": value}
        body = {**SUBJECT, "id": name, "rev": 2 + number, "revision": article_page.revision, "score": 2}
        assert done(article_page.post("votes", body, headers=headers))["status"] == "saved"
    assert read_votes_and_counts(app, api) == expected


@pytest.mark.parametrize("age_ms", LARGE_AGES_MS)
def test_an_age_beyond_two_days_is_two_days(app: Flask, article_page: Page, clock: SetClock, age_ms: int) -> None:
    """A vote is stored with the maximum age if the visitor's clock jumps by decades before delivery."""
    clock.forward(hours=49)
    assert done(article_page.vote(SUBJECT, 1, age_ms=age_ms))["status"] == "saved"
    vote = rows(app, "vote")[0]
    assert vote.intended_at.replace(tzinfo=UTC) == clock.now() - timedelta(hours=48)
    assert vote.changed_at.replace(tzinfo=UTC) == clock.now()
    assert sum(counts(app)["tally"].values()) == 1


def test_a_press_is_not_earlier_than_its_question(
    app: Flask, api: Api, talk: Talk, article_page: Page, clock: SetClock
) -> None:
    """A page claims the age of its press; it cannot have pressed before it was asked."""
    published_at = clock.now()
    clock.forward(minutes=10)
    asked_at, token = clock.now(), talk.chat().ask()
    clock.forward(minutes=10)
    done(talk.page.vote(token, 1, age_ms=TWO_DAYS_MS))
    done(article_page.vote(SUBJECT, 1, age_ms=TWO_DAYS_MS))
    pressed = {vote.channel: vote.intended_at.replace(tzinfo=UTC) for vote in rows(app, "vote")}
    assert (pressed.pop("page"), *pressed.values()) == (published_at, asked_at)
    assert {vote["received_at"] for vote in done(api.get("/votes"))["votes"]} == {
        clock.now().isoformat().replace("+00:00", "Z")
    }


def test_the_time_of_arrival_is_kept(api: Api, article_page: Page, clock: SetClock) -> None:
    clock.forward(hours=3)
    name, arrived = press_id(), clock.now()
    done(article_page.vote(SUBJECT, 1, id=name, age_ms=HOUR_MS))
    clock.forward(hours=1)
    done(article_page.vote(SUBJECT, 2, id=name, rev=2))
    [vote] = done(api.get("/votes"))["votes"]
    moments = [datetime.fromisoformat(vote[field]) for field in ("first_at", "received_at", "changed_at")]
    assert moments == [arrived - timedelta(hours=1), arrived, clock.now()]


@ON_BOTH
def test_a_signature_that_ended_before_the_vote_arrived_proves_nothing(
    app: Flask, api: Api, site: MadeSite, article_page: Page, clock: SetClock
) -> None:
    """Its press is kept, because only the page says when it was, but as an unverified one."""
    expires = int(clock.now().timestamp()) + 60
    proof = signed(site, expires, visitor="ann", kind="article", subject="/a")
    clock.forward(hours=47)
    name = press_id()
    for _ in range(2):
        late = article_page.vote({**SUBJECT, **proof}, 1, id=name, age_ms=47 * HOUR_MS, comment="late")
        assert done(late)["status"] == "saved"
    [vote] = done(api.get("/votes"))["votes"]
    assert (vote["verified"], rows(app, "visitor")) == (False, [])


@ON_BOTH
def test_a_signature_that_was_seen_before_its_end_covers_a_later_delivery(
    api: Api, site: MadeSite, article_page: Page, clock: SetClock
) -> None:
    clock.forward(hours=1)
    expires = int(clock.now().timestamp()) + 600
    proof = signed(site, expires, visitor="ann", kind="article", subject="/a")
    name = press_id()
    done(article_page.vote({**SUBJECT, **proof}, 1, id=name))
    clock.forward(hours=1)
    done(article_page.vote({**SUBJECT, **proof}, 3, id=name, rev=2, age_ms=HOUR_MS - 1_000))
    [vote] = done(api.get("/votes"))["votes"]
    assert (vote["verified"], vote["answer"]["score"]) == (True, 3)
    stranger = article_page.vote({**SUBJECT, **proof}, 1, id=press_id(), age_ms=HOUR_MS - 1_000)
    assert done(stranger)["status"] == "saved"
    assert sorted(vote["verified"] for vote in done(api.get("/votes"))["votes"]) == [False, True]


def test_an_invalid_age_is_refused_with_its_pointer(app: Flask, article_page: Page, subtests: pytest.Subtests) -> None:
    for age_ms in (-1, -(2**40), 0.5, True, "5", None, 2**53 + 1, float("1e300")):
        before = rows(app, "vote")
        with subtests.test(age_ms=age_ms):
            response = article_page.vote(SUBJECT, age_ms=age_ms)
            assert (response.status_code, response.get_json()["pointer"]) == (422, "/age_ms")
            assert rows(app, "vote") == before


@ON_BOTH
def test_a_client_cannot_win_with_an_age(talk: Talk, clock: SetClock) -> None:
    """A press cannot be later than its arrival, so no client can keep the latest press for good."""
    token = talk.chat().ask()
    clock.forward(minutes=1)
    first = talk.vote(token, 1, id=press_id(), age_ms=0)
    second = talk.vote(token, 3, id=press_id(), age_ms=0)
    assert (first["score"], second["status"], second["score"]) == (1, "ignored", 1), (
        "the first of two presses at one moment is kept"
    )
    clock.forward(seconds=1)
    assert talk.vote(token, 3, id=press_id())["score"] == 3


JUMPS = [timedelta(days=400), timedelta(days=-400), timedelta(seconds=-1), timedelta(hours=-49)]


@ON_BOTH
@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_the_servers_clock_jumps(app: Flask, talk: Talk, article_page: Page, clock: SetClock, jump: timedelta) -> None:
    """A client's revisions keep their order, no row is doubled, and the counts equal the rows after any jump."""
    name, token = press_id(), talk.chat().ask()
    first = talk.vote(token, 1, id=name)
    article_receipt = done(article_page.vote(SUBJECT, 1, id=name))
    clock.set(clock.now() + jump)
    response = talk.page.vote(token, 3, id=name, rev=2)
    assert response.status_code == (409 if jump > timedelta(days=14) else 200)
    assert done(talk.page.vote(token, 1, id=name))["vote"] == first["vote"], "a retry still gets its receipt"
    receipt = done(article_page.vote(SUBJECT, 3, id=name, rev=2))
    assert (receipt["vote"], receipt["score"]) == (article_receipt["vote"], 3)
    clock.set(clock.now() - jump)
    assert done(article_page.vote(SUBJECT, 2, id=name, rev=3))["score"] == 2
    talk.say("visitor")
    talk.say("agent")
    assert {str(row.voted_on) for row in rows(app, "vote")} == {"2026-03-03"}
    assert wrong_counts(app) == []


@ON_BOTH
def test_summer_time_and_midnight(app: Flask, make: Make, clock: SetClock) -> None:
    """Store votes around the day on which Copenhagen's clocks go forward, which has 23 hours."""
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
