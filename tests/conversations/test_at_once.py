"""Concurrent requests of the page, the back end and the visitor about one conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from widget_server.jobs.loop import run_once
from widget_server.jobs.schedule import JOBS
from widget_server.storage.engines import Engines

from ..back_end import Api
from ..databases import ON_BOTH
from ..frozen_clock import SetClock
from ..widget.conftest import Page, press_id
from .concurrency import at_once, wait_until_blocked
from .rows import count, rows, table, wrong_counts
from .talk import Talk, done

pytestmark = ON_BOTH
COPIES = 8
ROUNDS = 4
EXPIRE = next(job for job in JOBS if job.name == "invitations expired")
Talks = Callable[..., Talk]


def test_a_claim_ended_by_many_calls_is_one(app: Flask, page: Page) -> None:
    answers = at_once([lambda: done(page.end("c1"))] * COPIES)
    assert all(answer == answers[0] for answer in answers)
    assert (count(app, "conversation"), count(app, "invitation"), wrong_counts(app)) == (1, 1, [])


def test_page_and_back_end_end_a_conversation_once(app: Flask, talk: Talk) -> None:
    talk.chat()
    by_page: list[Callable[[], Any]] = [lambda: done(talk.page.end(talk.id))] * COPIES
    answers = at_once([*by_page, *[talk.end] * COPIES])
    assert {answer["asked"] for answer in answers} == {True}
    assert len({answer.get("token") for answer in answers[:COPIES]}) == 1
    assert (count(app, "invitation"), wrong_counts(app)) == (1, [])


def test_one_message_sent_by_many_calls_is_stored_once(app: Flask, talk: Talk) -> None:
    at_once([lambda: talk.say("visitor", external_id="same")] * COPIES)
    assert count(app, "message") == 1


def test_many_messages_after_the_end_open_one_segment(app: Flask, talk: Talk, clock: SetClock) -> None:
    talk.chat().end()
    clock.forward(minutes=1)
    at_once([lambda: talk.say("visitor"), lambda: talk.say("agent")] * (COPIES // 2))
    assert [len(segment["messages"]) for segment in talk.segments()] == [2, COPIES]
    assert (talk.statuses(), wrong_counts(app)) == (["withdrawn"], [])


def test_a_conversation_sent_by_many_calls_is_one(app: Flask, api: Api) -> None:
    at_once([lambda: done(api.put("/conversations/new", {"visitor": "ann", "title": "Late"}))] * COPIES)
    assert (count(app, "conversation"), count(app, "visitor"), count(app, "segment")) == (1, 1, 1)


def test_every_impression_of_a_new_article_is_counted(app: Flask, page: Page) -> None:
    subject = {"kind": "article", "subject": "/new"}
    answers = at_once([lambda: page.post("seen", subject), lambda: page.post("dismissed", subject)] * (COPIES // 2))
    assert {answer.status_code for answer in answers} == {204}
    assert [(row.shown_count, row.dismissed_count) for row in rows(app, "subject_day")] == [(COPIES // 2,) * 2]


def test_a_vote_and_the_message_that_withdraws_its_invitation(app: Flask, talks: Talks, clock: SetClock) -> None:
    """Expect that a stored vote is never withdrawn, and that a withdrawn invitation has no vote."""
    for _ in range(ROUNDS):
        talk = talks().chat()
        token = talk.ask()
        clock.forward(minutes=1)
        talk.say("visitor")
        talk.say("agent")
        vote_response, _ = at_once([lambda: talk.page.vote(token), lambda: talk.say("visitor")])  # noqa: B023
        assert (vote_response.status_code, talk.statuses()) in ((200, ["voted"]), (409, ["withdrawn"]))
        assert (talk.segments()[0]["rating"] is not None) == (vote_response.status_code == 200)
        assert wrong_counts(app) == []


def test_a_vote_and_its_impressions(app: Flask, talks: Talks) -> None:
    for _ in range(ROUNDS):
        talk = talks().chat()
        body = {"token": talk.ask()}
        reports = [lambda path=path: talk.page.post(path, body) for path in ("seen", "dismissed")]  # noqa: B023
        answers = at_once([lambda: talk.page.vote(body["token"]), *reports])  # noqa: B023
        assert [answer.status_code for answer in answers] == [200, 204, 204]
        assert (talk.statuses(), wrong_counts(app)) == (["voted"], [])


def test_a_vote_fixes_the_pin_against_a_message_at_the_same_time(app: Flask, talks: Talks, clock: SetClock) -> None:
    for _ in range(ROUNDS):
        talk = talks().chat()
        earlier = clock.now()
        clock.forward(minutes=1)
        token = talk.ask()
        at_once([lambda: talk.page.vote(token), lambda: talk.say("agent", sent_at=earlier)])  # noqa: B023
        pin_at_vote = talk.segments()[0]["pin"]
        talk.say("agent", sent_at=earlier)
        assert talk.segments()[0]["pin"] == pin_at_vote


@contextmanager
def unfinished(app: Flask, name: str, **values: Any) -> Iterator[Callable[..., Future[Any]]]:
    """Change every row of a table in a transaction that commits once a call of the block waits for it."""
    engines: Engines = app.extensions["tilfreds_engines"]

    def begin(*call: Any) -> Future[Any]:
        future = pool.submit(*call)
        wait_until_blocked(app, future)
        return future

    with ThreadPoolExecutor(1) as pool, engines.write.begin() as connection:
        connection.execute(table(name).update().values(**values))
        yield begin


@pytest.mark.parametrize("what", ["withdraw", "expire", "dismiss", "seen"])
def test_an_invitation_that_is_being_voted_stays_voted(app: Flask, talk: Talk, clock: SetClock, what: str) -> None:
    token = talk.chat().ask()
    clock.forward(days=15 if what == "expire" else 1)
    talk.say("visitor")
    calls: dict[str, Callable[[], Any]] = {
        "withdraw": lambda: talk.say("agent"),
        "expire": lambda: run_once(app, EXPIRE),
        "dismiss": lambda: talk.page.post("dismissed", {"token": token}),
        "seen": lambda: talk.page.post("seen", {"token": token}),
    }
    with unfinished(app, "invitation", status="voted", voted_at=clock.now()) as begin:
        other = begin(calls[what])
    other.result()
    assert talk.statuses() == ["voted"]


def test_a_pin_that_is_being_fixed_stays(app: Flask, talk: Talk, clock: SetClock) -> None:
    talk.chat()
    moment = clock.forward(seconds=5)
    talk.end(ended_at=clock.forward(seconds=5).isoformat())
    first_pin = talk.segments()[0]["pin"]
    with unfinished(app, "segment", pinned_at=moment) as begin:
        other = begin(talk.say, "agent", "Late", moment)
    other.result()
    assert talk.segments()[0]["pin"] == first_pin


def test_two_tabs_of_one_browser_and_another_browser(app: Flask, talk: Talk) -> None:
    token = talk.chat().ask()
    tabs = [replace(talk.page, browser=press_id()) for _ in range(COPIES)]
    answers = at_once([lambda tab=tab, n=n: done(tab.vote(token, 1 + n % 3)) for n, tab in enumerate(tabs)])  # type: ignore[misc]
    votes = rows(app, "vote")
    assert {answer["vote"] for answer in answers} == {str(votes[0].id)}
    assert (len(votes), wrong_counts(app)) == (1, [])
