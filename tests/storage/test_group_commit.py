"""Votes that wait in a process are committed together, and each fails or stands by itself."""

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
from tests.storage.test_sqlite import names
from tests.widget.conftest import press_id
from widget_server.core.errors import Conflict
from widget_server.storage import group_commit
from widget_server.storage.counters import add_to_count
from widget_server.storage.db import new_id, table_of
from widget_server.storage.engines import Engines, make_engines
from widget_server.subjects.models import SubjectDay

TEN = 10
PATIENCE_SECONDS = 20
ONE_ID, DAY = UUID(int=1), date(2026, 3, 3)


@pytest.fixture
def engines(database_url: str) -> Iterator[Engines]:
    made = make_engines(database_url)
    yield made
    made.dispose()


@contextmanager
def held_back(engines: Engines, count: int) -> Iterator[None]:
    """Nobody gets the connection until so many callers of the body wait."""
    group = group_commit.group_of(engines.write)
    with group.mutex:
        assert not group.is_led
        group.is_led = True
    yield
    until_waiting(group, count)
    group.pass_lead()


def until_waiting(group: group_commit.Group, count: int) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while len(group.waiting) < count:
        assert time.monotonic() < ends, f"only {len(group.waiting)} of {count} came"
        time.sleep(0.001)


def counted(engines: Engines) -> list[object]:
    """One entry for each commit from now on."""
    commits_seen: list[object] = []
    event.listen(engines.write, "commit", commits_seen.append)
    return commits_seen


def add(connection: Connection, name: str) -> str:
    settings = "'UTC', '[]', '[]', '', 1, true, '{}', '{}', '{}', '{}', 1, '2026-03-03'"
    values = f":id, :name, :name, {settings}"
    connection.execute(
        text(
            "INSERT INTO site (id, key, name, time_zone, languages, allowed_origins, article_selector, article_share,"
            f" ask_when_unknown, rules, texts, theme, placement, version, created_at) VALUES ({values})"
        ),
        {"id": new_id() if connection.dialect.name == "postgresql" else new_id().hex, "name": name},
    )
    return name


def adding(name: str) -> Callable[[Connection], str]:
    return lambda connection: add(connection, name)


def together(engines: Engines, works: list[Callable[[Connection], Any]]) -> list[Future[Any]]:
    """The outcomes of callers who came while the connection was taken, in this order."""
    group = group_commit.group_of(engines.write)
    with ThreadPoolExecutor(len(works)) as threads, held_back(engines, len(works)):
        outcomes = []
        for number, work in enumerate(works):
            outcomes.append(threads.submit(group_commit.commit, engines.write, work))
            until_waiting(group, number + 1)
    return outcomes


@ON_BOTH
def test_ten_that_wait_are_one_commit(engines: Engines) -> None:
    seen = counted(engines)
    outcomes = together(engines, [adding(f"s{n}") for n in range(TEN)])
    assert [outcome.result() for outcome in outcomes] == [f"s{n}" for n in range(TEN)]
    assert names(engines.read) == [f"s{n}" for n in range(TEN)]
    assert len(seen) == 1


@ON_BOTH
def test_a_bad_one_fails_alone(engines: Engines, subtests: pytest.Subtests) -> None:
    """What it had written before it failed is gone, too; so the others are committed one by one."""

    def work(connection: Connection, number: int, bad: int) -> str:
        done = add(connection, f"s{number}")
        return add(connection, done) if number == bad else done

    for bad in range(TEN):
        with subtests.test(bad=bad):
            assert_fails_alone(engines, functools.partial(work, bad=bad), bad, IntegrityError, commits=TEN - 1)


@ON_BOTH
def test_one_that_is_refused_costs_the_others_nothing(engines: Engines, subtests: pytest.Subtests) -> None:
    """As all that can be refused for what they say are: before anything is written."""

    def work(connection: Connection, number: int, bad: int) -> str:
        if number == bad:
            raise Conflict("This question is over.")
        return add(connection, f"s{number}")

    for bad in range(TEN):
        with subtests.test(bad=bad):
            assert_fails_alone(engines, functools.partial(work, bad=bad), bad, Conflict, commits=1)


def assert_fails_alone(
    engines: Engines, work: Callable[..., str], bad: int, error: type[Exception], *, commits: int
) -> None:
    """Ten that start from an empty table: all but the bad one are kept, in so many commits."""
    with engines.write.begin() as connection:
        connection.execute(text("DELETE FROM site"))
    seen = counted(engines)
    outcomes = together(engines, [functools.partial(work, number=n) for n in range(TEN)])
    assert isinstance(outcomes.pop(bad).exception(), error)
    kept = [f"s{n}" for n in range(TEN) if n != bad]
    assert [outcome.result() for outcome in outcomes] == kept == names(engines.read)
    assert len(seen) == commits


@ON_BOTH
def test_one_that_is_refused_after_it_has_written_leaves_nothing(engines: Engines) -> None:
    def work(connection: Connection, number: int) -> str:
        done = add(connection, f"s{number}")
        if number == 3:
            raise Conflict("This question is over.")
        return done

    outcomes = together(engines, [functools.partial(work, number=n) for n in range(TEN)])
    assert isinstance(outcomes.pop(3).exception(), Conflict)
    kept = [f"s{n}" for n in range(TEN) if n != 3]
    assert [outcome.result() for outcome in outcomes] == kept == names(engines.read)


def test_counts_are_written_once_for_all(engines: Engines) -> None:
    """Only of those that stand; what comes to nothing is not written at all."""
    table = table_of(SubjectDay)

    def work(connection: Connection, number: int) -> None:
        name = add(connection, f"s{number}")
        for day, delta in ((DAY, 1), (DAY + timedelta(1), 1), (DAY + timedelta(1), -1)):
            add_to_count(connection, table, {"site_id": ONE_ID, "subject_id": ONE_ID, "day": day}, delta, "shown_count")
        if number == 3:
            add(connection, name)

    statements: list[str] = []
    with engines.write.connect() as connection:
        # The site and subject that are counted for are not there.
        driver: Any = connection.connection.driver_connection
        driver.rollback()
        driver.execute("PRAGMA foreign_keys = OFF")
        driver.set_trace_callback(statements.append)
    bad = together(engines, [functools.partial(work, number=n) for n in range(TEN)]).pop(3)
    assert isinstance(bad.exception(), IntegrityError)
    statements.clear()
    together(engines, [functools.partial(work, number=n) for n in range(TEN, 2 * TEN)])
    assert sum("subject_day" in statement for statement in statements) == 1
    with engines.read.connect() as connection:
        rows = connection.execute(select(table.c.day, table.c.shown_count)).all()
    assert rows == [(DAY, 2 * TEN - 1), (DAY + timedelta(1), 0)]


@ON_BOTH
def test_one_that_comes_alone_leaves_nothing_when_it_fails(engines: Engines) -> None:
    def work(connection: Connection) -> None:
        add(connection, "half")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        group_commit.commit(engines.write, work)
    assert names(engines.read) == []
    assert group_commit.commit(engines.write, lambda connection: add(connection, "next")) == "next"


def test_when_the_commit_fails_nobody_is_told_that_it_stands(engines: Engines) -> None:
    def fail(connection: Connection) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk I/O error"))

    event.listen(engines.write, "commit", fail)
    outcomes = together(engines, [adding(f"s{n}") for n in range(TEN)])
    event.remove(engines.write, "commit", fail)
    assert all(isinstance(outcome.exception(), OperationalError) for outcome in outcomes)
    assert names(engines.read) == []


def test_what_failed_together_is_tried_alone(engines: Engines) -> None:
    @event.listens_for(engines.write, "commit", once=True)
    def fail(connection: Connection) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk I/O error"))

    seen = counted(engines)
    outcomes = together(engines, [adding(f"s{n}") for n in range(TEN)])
    assert [outcome.result() for outcome in outcomes] == [f"s{n}" for n in range(TEN)] == names(engines.read)
    assert len(seen) == TEN


@ON_POSTGRESQL
def test_one_that_waits_for_a_row_holds_up_nobody(engines: Engines) -> None:
    """A transaction that stays open elsewhere keeps the one vote that needs its row, and no other."""
    group_commit.commit(engines.write, adding("held"))
    touch = text("UPDATE site SET version = version + 1 WHERE name = 'held'")

    def work(connection: Connection, number: int) -> str:
        if number == 3:
            connection.execute(touch)
        return add(connection, f"s{number}")

    with ThreadPoolExecutor(TEN) as threads, engines.write.begin() as other:
        other.execute(touch)
        with held_back(engines, TEN):
            outcomes = [
                threads.submit(group_commit.commit, engines.write, functools.partial(work, number=n))
                for n in range(TEN)
            ]
        waiting = outcomes.pop(3)
        assert [outcome.result(PATIENCE_SECONDS) for outcome in outcomes] == [f"s{n}" for n in range(TEN) if n != 3]
        assert not waiting.done()
    assert waiting.result(PATIENCE_SECONDS) == "s3"


@ON_POSTGRESQL
def test_a_race_lost_by_one_is_run_again_by_that_one(engines: Engines) -> None:
    """What another process adds between the question and the answer is found with the next try."""
    tries: list[int] = []

    def work(connection: Connection, number: int) -> str:
        if number != 3:
            return add(connection, f"s{number}")
        tries.append(number)
        if "winner" in connection.scalars(text("SELECT name FROM site")).all():
            return "found"
        with engines.read.begin() as elsewhere:
            add(elsewhere, "winner")
        return add(connection, "winner")

    outcomes = together(engines, [functools.partial(work, number=n) for n in range(TEN)])
    assert [outcome.result() for outcome in outcomes] == ["found" if n == 3 else f"s{n}" for n in range(TEN)]
    assert len(tries) == 2


def test_a_full_disk_refuses_what_does_not_fit_and_keeps_nothing_half(engines: Engines) -> None:
    """SQLite may give up the whole transaction; no vote may then be written outside of one."""

    def limit(driver: Any, record: object = None) -> None:
        """Each connection has its own limit, and a new one is made after each refusal."""
        driver.execute(f"PRAGMA max_page_count = {pages + 2}").fetchall()

    with engines.write.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        limit(connection.connection.driver_connection)
    event.listen(engines.write, "connect", limit)
    outcomes = together(engines, [adding(f"s{n}" + "x" * (50_000 if n == 4 else 1)) for n in range(TEN)])
    refused = outcomes.pop(4)
    assert isinstance(refused.exception(), OperationalError)
    told = sorted(outcome.result() for outcome in outcomes)
    assert names(engines.read) == told
    assert len(told) == TEN - 1
    event.remove(engines.write, "connect", limit)
    engines.write.dispose()
    group_commit.commit(engines.write, adding("after" + "x" * 50_000))
    assert len(names(engines.read)) == TEN


@contextmanager
def all_taken(engines: Engines) -> Iterator[None]:
    """Every connection is somebody else's."""
    pool = engines.write.pool
    assert isinstance(pool, QueuePool)
    with ExitStack() as held:
        for _ in range(pool.size()):
            held.enter_context(engines.write.begin())
        yield


@ON_BOTH
def test_while_the_connection_cannot_be_had_all_are_told_so_at_once(
    engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten who wait do not wait one after the other."""
    monkeypatch.setattr(engines.write.pool, "_timeout", 0.5)
    with all_taken(engines), ThreadPoolExecutor(TEN) as threads:
        began = time.monotonic()
        outcomes = [
            threads.submit(group_commit.commit, engines.write, lambda connection: add(connection, "s"))
            for _ in range(TEN)
        ]
        errors = [outcome.exception() for outcome in outcomes]
        took = time.monotonic() - began
    assert all("QueuePool limit" in str(error) for error in errors)
    assert took < 0.5 * TEN / 2


@pytest.mark.parametrize("leader", ["stranger", "page"])
def test_who_leads_lends_others_nothing_of_their_request(app: Flask, make: Make, site: MadeSite, leader: str) -> None:
    """A page of a foreign origin is refused and one of the site's is heard, whoever does the work."""
    revision = str(make.survey(site, "article").revision)
    engines: Engines = app.extensions["tilfreds_engines"]
    group = group_commit.group_of(engines.write)

    def vote(origin: str) -> int:
        body = {"kind": "article", "subject": "/a", "id": press_id(), "rev": 1, "revision": revision, "score": 3}
        return app.test_client().post(f"/w/{site.key}/votes", json=body, headers={"Origin": origin}).status_code

    origins = {"stranger": "https://elsewhere.example", "page": ORIGIN}
    order = [leader, *(name for name in origins if name != leader)]
    with ThreadPoolExecutor(2) as threads, held_back(engines, 2):
        told = {}
        for number, name in enumerate(order):
            told[name] = threads.submit(vote, origins[name])
            until_waiting(group, number + 1)
    assert {name: status.result() for name, status in told.items()} == {"stranger": 403, "page": 200}


@ON_BOTH
def test_views_of_articles_are_committed_together_with_votes(app: Flask, make: Make, site: MadeSite) -> None:
    make.survey(site, "article")
    engines: Engines = app.extensions["tilfreds_engines"]
    seen = counted(engines)

    def view(number: int) -> int:
        body = {"kind": "article", "subject": f"/{number % 2}"}
        return app.test_client().post(f"/w/{site.key}/seen", json=body, headers={"Origin": ORIGIN}).status_code

    with ThreadPoolExecutor(TEN) as threads, held_back(engines, TEN):
        told = [threads.submit(view, number) for number in range(TEN)]
    assert {status.result() for status in told} == {204}
    assert len(seen) == 1
    table = table_of(SubjectDay)
    with engines.read.connect() as connection:
        assert connection.scalars(select(table.c.shown_count)).all() == [TEN / 2, TEN / 2]


def test_each_engine_has_one_group_however_many_ask_at_once(engines: Engines) -> None:
    barrier = threading.Barrier(TEN)

    def ask(_: int) -> group_commit.Group:
        barrier.wait(PATIENCE_SECONDS)
        return group_commit.group_of(engines.write)

    with ThreadPoolExecutor(TEN) as threads:
        assert len(set(map(id, threads.map(ask, range(TEN))))) == 1
