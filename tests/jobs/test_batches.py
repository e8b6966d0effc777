"""Periodic work runs in small batches: between any two of them a vote is stored and published at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import insert, update

from widget_server.events.outbox_reader import START, Position, changes_after
from widget_server.invitations.transitions import select_due
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
    """A stop event that runs an action in the pause after each batch."""

    def __init__(self, action: Callable[[], None]) -> None:
        super().__init__()
        self.action = action
        self.pauses = 0

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None and timeout > 0
        self.pauses += 1
        self.action()
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


def readable_kinds(app: Flask, after: Position = START) -> list[str]:
    engines: Engines = app.extensions["tilfreds_engines"]
    with engines.read.connect() as connection:
        return [change.kind for change in changes_after(connection, after)]


def test_votes_are_stored_between_batches_of_old_events(
    app: Flask, site: MadeSite, article_page: Page, clock: SetClock
) -> None:
    """A vote between two batches is stored, so no transaction is open.

    Streams can read its event, so on PostgreSQL no transaction blocks them.
    """
    before = count(app, "event")
    write_events(app, site, clock, *[timedelta(days=8)] * OLD)
    remaining_counts: list[int] = []
    vote_ids: list[str] = []

    def vote() -> None:
        remaining_counts.append(len(rows(app, "event", kind="subject.changed")))
        vote_ids.append(done(article_page.vote(ARTICLE, 3))["vote"])
        assert readable_kinds(app).count("vote.cast") == len(vote_ids)

    between = Between(vote)
    run_once(app, EVENTS, between)
    assert remaining_counts == [OLD - BATCH, OLD - 2 * BATCH, OLD - 3 * BATCH, 0]
    assert count(app, "event") == before + len(vote_ids), "new events stay"


def test_an_old_event_behind_a_new_one_is_deleted_too(app: Flask, site: MadeSite, clock: SetClock) -> None:
    """PostgreSQL assigns ids before the commit, so ids are not quite in time order."""
    old, young = timedelta(days=8), timedelta(days=6)
    write_events(app, site, clock, old, young, *[old] * BATCH, young, old, *[young] * (2 * BATCH))
    run_once(app, EVENTS)
    assert {row.created_at for row in rows(app, "event")} == {clock.now() - young}


def test_invitations_expire_in_batches(app: Flask, api: Api, page: Page, clock: SetClock) -> None:
    talks = [Talk(api, page).chat() for _ in range(2 * BATCH + 3)]
    for talk in talks:
        talk.end()
    clock.forward(days=15)
    late = Talk(api, page).chat()
    open_counts: list[int] = []

    def end_late_talk() -> None:
        open_counts.append(sum(row.status == "asked" for row in rows(app, "invitation")))
        assert late.page.end(late.id).status_code == 200

    between = Between(end_late_talk)
    run_once(app, EXPIRE, between)
    assert open_counts == [BATCH + 3, 4, 1], "the invitation of a pause does not expire"
    assert wrong_counts(app) == []
    assert {talk.statuses()[0] for talk in talks} == {"expired"}


def test_a_batch_finds_its_invitations_by_an_index(app: Flask, site: MadeSite, clock: SetClock) -> None:
    """Without an index each batch would read all open invitations of two weeks while votes wait."""
    engines: Engines = app.extensions["tilfreds_engines"]
    with engines.read.connect() as connection:
        query = (
            select_due(site.id, clock.now()).limit(BATCH).compile(connection, compile_kwargs={"literal_binds": True})
        )
        if engines.is_sqlite:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").fetchall()
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {query}").fetchall()
    assert "ix_invitation_due" in str(plan)
    assert "TEMP B-TREE" not in str(plan) and "Sort" not in str(plan)


def test_a_stop_ends_a_job_after_its_batch(app: Flask, site: MadeSite, clock: SetClock) -> None:
    write_events(app, site, clock, *[timedelta(days=8)] * OLD)
    between = Between(lambda: between.set())
    run_once(app, EVENTS, between)
    assert (between.pauses, len(rows(app, "event", kind="subject.changed"))) == (1, OLD - BATCH)


def test_a_batch_stays_committed_when_a_later_one_fails(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def batches() -> Iterator[int]:
        db.session.execute(update(Vote).values(rev=Vote.rev))
        yield 1
        raise ZeroDivisionError("planted")

    committed: list[int] = []
    run_once(app, Job("planted", 60, batches), Between(lambda: committed.append(1)))
    assert committed == [1]
    assert "planted failed" in caplog.text


def test_expired_sessions_are_deleted(app: Flask, clock: SetClock) -> None:
    engines: Engines = app.extensions["tilfreds_engines"]
    with engines.write.begin() as connection:
        for number, expires_in_minutes in enumerate((-1, 1)):
            row = {
                "id": new_id(),
                "token_hash": str(number),
                "link_hash": str(number),
                "user_agent": "",
                "last_used_at": clock.now() - timedelta(days=1),
                "confirmed_at": clock.now() - timedelta(days=1),
                "created_at": clock.now() - timedelta(days=1),
                "expires_at": clock.now() + timedelta(minutes=expires_in_minutes),
            }
            connection.execute(insert(table_named("login_session")).values(row))
    run_once(app, SESSIONS)
    assert [row.token_hash for row in rows(app, "login_session")] == ["1"]
