"""Votes that wait in one process are committed together, and a failing vote fails alone."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Connection, event, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.pool import QueuePool

from tests.databases import ON_BOTH, ON_POSTGRESQL
from tests.factories import ORIGIN, MadeSite, Make
from tests.storage.site_rows import add_site
from tests.storage.test_sqlite import site_names
from tests.widget.conftest import press_id
from widget_server.core.errors import Conflict
from widget_server.storage import group_commit
from widget_server.storage.counters import add_to_count
from widget_server.storage.db import table_of
from widget_server.storage.engines import Engines, make_engines
from widget_server.subjects.models import SubjectDay

TEN = 10
PATIENCE_SECONDS = 20
ONE_ID, DAY = UUID(int=1), date(2026, 3, 3)


@pytest.fixture
def engines(database_url: str) -> Iterator[Engines]:
    engine_pair = make_engines(database_url)
    yield engine_pair
    engine_pair.dispose()


@contextmanager
def hold_lead(engines: Engines, count: int) -> Iterator[None]:
    """Hold the lead of the group until `count` callers of the body wait."""
    group = group_commit.group_of(engines.write)
    with group.mutex:
        assert not group.is_led
        group.is_led = True
    try:
        yield
        wait_for_callers(group, count)
    finally:
        # Also after a failure, because other tests share the group of an application.
        group.pass_lead()


def wait_for_callers(group: group_commit.Group, count: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(group.waiting) < count:
        assert time.monotonic() < deadline, f"only {len(group.waiting)} of {count} came"
        time.sleep(0.001)


def record_commits(engines: Engines) -> list[object]:
    """Return a list that grows with each commit from now on."""
    commits: list[object] = []
    event.listen(engines.write, "commit", commits.append)
    return commits


def make_work(name: str) -> Callable[[Connection], str]:
    return lambda connection: add_site(connection, name)


def commit_together(engines: Engines, works: list[Callable[[Connection], Any]]) -> list[Future[Any]]:
    """Return the outcomes of callers that joined one batch, in this order."""
    group = group_commit.group_of(engines.write)
    with ThreadPoolExecutor(len(works)) as threads, hold_lead(engines, len(works)):
        outcomes = []
        for number, work in enumerate(works):
            outcomes.append(threads.submit(group_commit.commit, engines.write, work))
            wait_for_callers(group, number + 1)
    return outcomes


@ON_BOTH
def test_ten_waiting_callers_share_one_commit(engines: Engines) -> None:
    commits = record_commits(engines)
    outcomes = commit_together(engines, [make_work(f"s{n}") for n in range(TEN)])
    assert [outcome.result() for outcome in outcomes] == [f"s{n}" for n in range(TEN)]
    assert site_names(engines.read) == [f"s{n}" for n in range(TEN)]
    assert len(commits) == 1


@pytest.mark.slow
@ON_BOTH
def test_work_that_fails_after_a_write_fails_alone(engines: Engines, subtests: pytest.Subtests) -> None:
    """Its writes are rolled back too, so the others are committed one by one."""

    def work(connection: Connection, number: int, bad: int) -> str:
        name = add_site(connection, f"s{number}")
        return add_site(connection, name) if number == bad else name

    for bad in range(TEN):
        with subtests.test(bad=bad):
            assert_fails_alone(engines, functools.partial(work, bad=bad), bad, IntegrityError, commits=TEN - 1)


@pytest.mark.slow
@ON_BOTH
def test_work_that_fails_before_a_write_does_not_affect_the_batch(engines: Engines, subtests: pytest.Subtests) -> None:
    """All submissions that are rejected for their content fail like this, before any write."""

    def work(connection: Connection, number: int, bad: int) -> str:
        if number == bad:
            raise Conflict("This question is over.")
        return add_site(connection, f"s{number}")

    for bad in range(TEN):
        with subtests.test(bad=bad):
            assert_fails_alone(engines, functools.partial(work, bad=bad), bad, Conflict, commits=1)


def assert_fails_alone(
    engines: Engines, work: Callable[..., str], bad: int, error: type[Exception], *, commits: int
) -> None:
    """Assert that of ten works on an empty table all but the bad one are stored, in `commits` commits."""
    with engines.write.begin() as connection:
        connection.execute(text("DELETE FROM site"))
    recorded_commits = record_commits(engines)
    outcomes = commit_together(engines, [functools.partial(work, number=n) for n in range(TEN)])
    assert isinstance(outcomes.pop(bad).exception(), error)
    stored_names = [f"s{n}" for n in range(TEN) if n != bad]
    assert [outcome.result() for outcome in outcomes] == stored_names == site_names(engines.read)
    assert len(recorded_commits) == commits


@ON_BOTH
def test_work_refused_after_a_write_leaves_nothing(engines: Engines) -> None:
    def work(connection: Connection, number: int) -> str:
        name = add_site(connection, f"s{number}")
        if number == 3:
            raise Conflict("This question is over.")
        return name

    outcomes = commit_together(engines, [functools.partial(work, number=n) for n in range(TEN)])
    assert isinstance(outcomes.pop(3).exception(), Conflict)
    stored_names = [f"s{n}" for n in range(TEN) if n != 3]
    assert [outcome.result() for outcome in outcomes] == stored_names == site_names(engines.read)


def test_a_batch_writes_each_counter_once(engines: Engines) -> None:
    """Failed work is not counted, and a change that adds up to zero is not written."""
    table = table_of(SubjectDay)

    def work(connection: Connection, number: int) -> None:
        name = add_site(connection, f"s{number}")
        for day, delta in ((DAY, 1), (DAY + timedelta(1), 1), (DAY + timedelta(1), -1)):
            add_to_count(connection, table, {"site_id": ONE_ID, "subject_id": ONE_ID, "day": day}, delta, "shown_count")
        if number == 3:
            add_site(connection, name)

    statements: list[str] = []
    with engines.write.connect() as connection:
        # The site and the subject of the counters do not exist.
        driver: Any = connection.connection.driver_connection
        driver.rollback()
        driver.execute("PRAGMA foreign_keys = OFF")
        driver.set_trace_callback(statements.append)
    failed_outcome = commit_together(engines, [functools.partial(work, number=n) for n in range(TEN)]).pop(3)
    assert isinstance(failed_outcome.exception(), IntegrityError)
    statements.clear()
    commit_together(engines, [functools.partial(work, number=n) for n in range(TEN, 2 * TEN)])
    assert sum("subject_day" in statement for statement in statements) == 1
    with engines.read.connect() as connection:
        rows = connection.execute(select(table.c.day, table.c.shown_count)).all()
    assert rows == [(DAY, 2 * TEN - 1), (DAY + timedelta(1), 0)]


@ON_BOTH
def test_a_single_caller_leaves_nothing_when_it_fails(engines: Engines) -> None:
    def work(connection: Connection) -> None:
        add_site(connection, "half")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        group_commit.commit(engines.write, work)
    assert site_names(engines.read) == []
    assert group_commit.commit(engines.write, lambda connection: add_site(connection, "next")) == "next"


def test_a_failed_commit_is_an_error_for_every_caller(engines: Engines) -> None:
    def fail(connection: Connection) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk I/O error"))

    event.listen(engines.write, "commit", fail)
    outcomes = commit_together(engines, [make_work(f"s{n}") for n in range(TEN)])
    event.remove(engines.write, "commit", fail)
    assert all(isinstance(outcome.exception(), OperationalError) for outcome in outcomes)
    assert site_names(engines.read) == []


def test_a_failed_batch_is_retried_one_by_one(engines: Engines) -> None:
    @event.listens_for(engines.write, "commit", once=True)
    def fail(connection: Connection) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk I/O error"))

    commits = record_commits(engines)
    outcomes = commit_together(engines, [make_work(f"s{n}") for n in range(TEN)])
    assert [outcome.result() for outcome in outcomes] == [f"s{n}" for n in range(TEN)] == site_names(engines.read)
    assert len(commits) == TEN


@ON_POSTGRESQL
def test_work_that_waits_for_a_row_delays_no_other(engines: Engines) -> None:
    """A transaction that stays open elsewhere delays only the vote that needs its row."""
    group_commit.commit(engines.write, make_work("held"))
    touch = text("UPDATE site SET version = version + 1 WHERE name = 'held'")

    def work(connection: Connection, number: int) -> str:
        if number == 3:
            connection.execute(touch)
        return add_site(connection, f"s{number}")

    with ThreadPoolExecutor(TEN) as threads, engines.write.begin() as other:
        other.execute(touch)
        with hold_lead(engines, TEN):
            outcomes = [
                threads.submit(group_commit.commit, engines.write, functools.partial(work, number=n))
                for n in range(TEN)
            ]
        pending = outcomes.pop(3)
        assert [outcome.result(PATIENCE_SECONDS) for outcome in outcomes] == [f"s{n}" for n in range(TEN) if n != 3]
        assert not pending.done()
    assert pending.result(PATIENCE_SECONDS) == "s3"


@ON_POSTGRESQL
def test_only_the_loser_of_a_race_runs_again(engines: Engines) -> None:
    """A row that another process adds between a read and a write is found on the retry."""
    tries: list[int] = []

    def work(connection: Connection, number: int) -> str:
        if number != 3:
            return add_site(connection, f"s{number}")
        tries.append(number)
        if "winner" in connection.scalars(text("SELECT name FROM site")).all():
            return "found"
        with engines.read.begin() as elsewhere:
            add_site(elsewhere, "winner")
        return add_site(connection, "winner")

    outcomes = commit_together(engines, [functools.partial(work, number=n) for n in range(TEN)])
    assert [outcome.result() for outcome in outcomes] == ["found" if n == 3 else f"s{n}" for n in range(TEN)]
    assert len(tries) == 2


def test_a_full_disk_refuses_only_work_that_does_not_fit(engines: Engines) -> None:
    """SQLite may roll the whole transaction back; then no vote may be written outside a transaction."""

    def limit(driver: Any, record: object = None) -> None:
        """Limit the size of the file; each connection has a separate limit and is replaced after an error."""
        driver.execute(f"PRAGMA max_page_count = {pages + 2}").fetchall()

    with engines.write.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        limit(connection.connection.driver_connection)
    event.listen(engines.write, "connect", limit)
    outcomes = commit_together(engines, [make_work(f"s{n}" + "x" * (50_000 if n == 4 else 1)) for n in range(TEN)])
    failed_outcome = outcomes.pop(4)
    assert isinstance(failed_outcome.exception(), OperationalError)
    results = sorted(outcome.result() for outcome in outcomes)
    assert site_names(engines.read) == results
    assert len(results) == TEN - 1
    event.remove(engines.write, "connect", limit)
    engines.write.dispose()
    group_commit.commit(engines.write, make_work("after" + "x" * 50_000))
    assert len(site_names(engines.read)) == TEN


@contextmanager
def use_all_connections(engines: Engines) -> Iterator[None]:
    """Check out every connection of the pool."""
    pool = engines.write.pool
    assert isinstance(pool, QueuePool)
    with ExitStack() as transactions:
        for _ in range(pool.size()):
            transactions.enter_context(engines.write.begin())
        yield


@pytest.mark.slow
@ON_BOTH
def test_without_a_free_connection_all_callers_fail_at_once(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten waiting callers do not wait one after the other."""
    monkeypatch.setattr(engines.write.pool, "_timeout", 0.5)
    with use_all_connections(engines), ThreadPoolExecutor(TEN) as threads:
        start_time = time.monotonic()
        outcomes = [
            threads.submit(group_commit.commit, engines.write, lambda connection: add_site(connection, "s"))
            for _ in range(TEN)
        ]
        errors = [outcome.exception() for outcome in outcomes]
        elapsed_seconds = time.monotonic() - start_time
    assert all("QueuePool limit" in str(error) for error in errors)
    assert elapsed_seconds < 0.5 * TEN / 2


@pytest.mark.parametrize("leader", ["stranger", "page", "thread"])
def test_the_leader_does_not_share_its_request(app: Flask, make: Make, site: MadeSite, leader: str) -> None:
    """A page of a foreign origin is refused and one of the site is accepted, whichever of them leads.

    The thread that writes impressions has no request, nor an application.
    """
    revision = str(make.survey(site, "article").revision)
    engines: Engines = app.extensions["tilfreds_engines"]
    group = group_commit.group_of(engines.write)

    def vote(origin: str) -> int:
        body = {"kind": "article", "subject": "/a", "id": press_id(), "rev": 1, "revision": revision, "score": 3}
        return app.test_client().post(f"/w/{site.key}/votes", json=body, headers={"Origin": origin}).status_code

    calls: dict[str, Callable[[], Any]] = {
        "stranger": lambda: vote("https://elsewhere.example"),
        "page": lambda: vote(ORIGIN),
        "thread": lambda: group_commit.commit(engines.write, lambda connection: None),
    }
    order = [leader, *(name for name in calls if name != leader)]
    with ThreadPoolExecutor(len(calls)) as threads, hold_lead(engines, len(calls)):
        results = {}
        for number, name in enumerate(order):
            results[name] = threads.submit(calls[name])
            wait_for_callers(group, number + 1)
    assert {name: result.result() for name, result in results.items()} == {"stranger": 403, "page": 200, "thread": None}


@ON_BOTH
def test_impressions_of_articles_are_committed_together(app: Flask, make: Make, site: MadeSite) -> None:
    make.survey(site, "article")
    engines: Engines = app.extensions["tilfreds_engines"]
    commits = record_commits(engines)

    def view(number: int) -> int:
        body = {"kind": "article", "subject": f"/{number % 2}"}
        return app.test_client().post(f"/w/{site.key}/seen", json=body, headers={"Origin": ORIGIN}).status_code

    with ThreadPoolExecutor(TEN) as threads, hold_lead(engines, TEN):
        statuses = [threads.submit(view, number) for number in range(TEN)]
    assert {status.result() for status in statuses} == {204}
    assert len(commits) == 1
    table = table_of(SubjectDay)
    with engines.read.connect() as connection:
        assert connection.scalars(select(table.c.shown_count)).all() == [TEN / 2, TEN / 2]


def test_concurrent_callers_get_one_group_per_engine(engines: Engines) -> None:
    barrier = threading.Barrier(TEN)

    def find_group(_: int) -> group_commit.Group:
        barrier.wait(PATIENCE_SECONDS)
        return group_commit.group_of(engines.write)

    with ThreadPoolExecutor(TEN) as threads:
        assert len(set(map(id, threads.map(find_group, range(TEN))))) == 1
