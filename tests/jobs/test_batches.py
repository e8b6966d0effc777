"""Periodic work goes in small batches: between any two of them a vote is saved, and told of, at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import insert, update

from widget_server.events.outbox_reader import START, Position, changes_after
from widget_server.invitations.transitions import due_at
from widget_server.jobs import schedule
from widget_server.jobs.loop import Job, run_once
from widget_server.ratings.models import Vote
from widget_server.storage.db import db, new_id
from widget_server.storage.engines import Engines

from ..conftest import Api
from ..conversations.rows import count, rows, wrong_counts
from ..conversations.rows import table as table_named
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..factories import MadeSite
from ..frozen_clock import SetClock
from ..widget.conftest import Page

pytestmark = ON_BOTH
BATCH = 5
OLD = 3 * BATCH + 1
ARTICLE = {"kind": "article", "subject": "/returns"}
EVENTS, EXPIRE, SESSIONS = (
    next(job for job in schedule.JOBS if word in job.name) for word in ("events", "expired", "sessions")
)


class Between(threading.Event):
    """The pause after a batch, in which something happens."""

    def __init__(self, happen: Callable[[], None]) -> None:
        super().__init__()
        self.happen = happen
        self.pauses = 0

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None and timeout > 0
        self.pauses += 1
        self.happen()
        return self.is_set()


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "EVENTS_PER_BATCH", BATCH)
    monkeypatch.setattr(schedule, "INVITATIONS_PER_BATCH", BATCH)


def write_events(app: Flask, site: MadeSite, clock: SetClock, *ages: timedelta) -> None:
    engines: Engines = app.extensions["tilfreds_engines"]
    event = table_named("event")
    values = [
        {"site_id": site.id, "kind": "subject.changed", "version": 1, "created_at": clock.now() - age} for age in ages
    ]
    with engines.write.begin() as connection:
        connection.execute(insert(event), values)


def followed(app: Flask, after: Position = START) -> list[str]:
    engines: Engines = app.extensions["tilfreds_engines"]
    with engines.read.connect() as connection:
        return [change.kind for change in changes_after(connection, after)]


def test_old_events_go_in_batches_and_votes_come_in_between(
    app: Flask, site: MadeSite, article_page: Page, clock: SetClock
) -> None:
    """A press between two batches is saved, so none is open; and streams can read of it, so on PostgreSQL none holds
    them back.
    """
    before = count(app, "event")
    write_events(app, site, clock, *[timedelta(days=8)] * OLD)
    left: list[int] = []
    presses: list[str] = []

    def press() -> None:
        left.append(len(rows(app, "event", kind="subject.changed")))
        presses.append(done(article_page.vote(ARTICLE, 3))["vote"])
        assert followed(app).count("vote.cast") == len(presses)

    between = Between(press)
    run_once(app, EVENTS, between)
    assert left == [OLD - BATCH, OLD - 2 * BATCH, OLD - 3 * BATCH, 0]
    assert count(app, "event") == before + len(presses), "what is young stays"


def test_an_old_event_behind_a_young_one_goes_too(app: Flask, site: MadeSite, clock: SetClock) -> None:
    """Ids are given out before the commit, so they follow time not quite."""
    old, young = timedelta(days=8), timedelta(days=6)
    write_events(app, site, clock, old, young, *[old] * BATCH, young, old, *[young] * (2 * BATCH))
    run_once(app, EVENTS)
    assert {row.created_at for row in rows(app, "event")} == {clock.now() - young}


def test_questions_run_out_of_time_in_batches(app: Flask, api: Api, page: Page, clock: SetClock) -> None:
    talks = [Talk(api, page).chat() for _ in range(2 * BATCH + 3)]
    for talk in talks:
        talk.end()
    clock.forward(days=15)
    late = Talk(api, page).chat()
    left: list[int] = []

    def press() -> None:
        left.append(sum(row.status == "asked" for row in rows(app, "invitation")))
        assert late.page.end(late.id).status_code == 200

    between = Between(press)
    run_once(app, EXPIRE, between)
    assert left == [BATCH + 3, 4, 1], "the one that was asked in a pause is not over"
    assert wrong_counts(app) == []
    assert {talk.statuses()[0] for talk in talks} == {"expired"}


def test_a_batch_finds_its_questions_by_an_index(app: Flask, site: MadeSite, clock: SetClock) -> None:
    """Else each batch would look at all that are open, of two weeks, while votes wait."""
    engines: Engines = app.extensions["tilfreds_engines"]
    with engines.read.connect() as connection:
        wanted = due_at(site.id, clock.now()).limit(BATCH).compile(connection, compile_kwargs={"literal_binds": True})
        if engines.is_sqlite:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {wanted}").fetchall()
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {wanted}").fetchall()
    assert "ix_invitation_due" in str(plan)
    assert "TEMP B-TREE" not in str(plan) and "Sort" not in str(plan)


def test_a_stop_ends_it_after_the_batch(app: Flask, site: MadeSite, clock: SetClock) -> None:
    write_events(app, site, clock, *[timedelta(days=8)] * OLD)
    between = Between(lambda: between.set())
    run_once(app, EVENTS, between)
    assert (between.pauses, len(rows(app, "event", kind="subject.changed"))) == (1, OLD - BATCH)


def test_what_a_batch_did_stays_when_a_later_one_fails(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def batches() -> Iterator[int]:
        db.session.execute(update(Vote).values(rev=Vote.rev))
        yield 1
        raise ZeroDivisionError("planted")

    committed: list[int] = []
    run_once(app, Job("planted", 60, batches), Between(lambda: committed.append(1)))
    assert committed == [1]
    assert "planted failed" in caplog.text


def test_sessions_that_are_over_are_dropped(app: Flask, clock: SetClock) -> None:
    engines: Engines = app.extensions["tilfreds_engines"]
    with engines.write.begin() as connection:
        for number, ends in enumerate((-1, 1)):
            row = {
                "id": new_id(),
                "token_hash": str(number),
                "link_hash": str(number),
                "created_at": clock.now() - timedelta(days=1),
                "expires_at": clock.now() + timedelta(minutes=ends),
            }
            connection.execute(insert(table_named("login_session")).values(row))
    run_once(app, SESSIONS)
    assert [row.token_hash for row in rows(app, "login_session")] == ["1"]
