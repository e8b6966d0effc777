"""PostgreSQL notifies the live process, so no event waits for the next poll, and the process polls rarely."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from typing import TypeVar

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from tests.databases import ON_POSTGRESQL
from tests.factories import MadeSite
from tests.postgres import Postgres
from widget_server.core import clock
from widget_server.events import pg_notify
from widget_server.events.publish import publish
from widget_server.live import change_source
from widget_server.storage import group_commit
from widget_server.storage.db import engines

from .conftest import PATIENCE_SECONDS, Live, Person, Tell

pytestmark = ON_POSTGRESQL
Result = TypeVar("Result")


@pytest.fixture
def no_net(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make polls rarer than a test's patience."""
    monkeypatch.setattr(change_source, "MAX_DELAY_SECONDS", 600.0)


@pytest.fixture
def engine(app: Flask) -> Engine:
    with app.app_context():
        return engines().write


def settled(live: Live) -> None:
    """Skip the poll that follows listening, so that only a NOTIFY wakes the process from here on."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    # The first poll follows listening at once; the thread does nothing else between the two.
    while run_in_its_thread(live, lambda: listener_of(live)) is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def listener_of(live: Live) -> pg_notify.Listener | None:
    assert isinstance(live.follower.watch, change_source.PostgresWatch)
    return live.follower.watch.listener


def run_in_its_thread(live: Live, call: Callable[[], Result]) -> Result:
    """Return the result of `call` in the thread of the streams, while none of them runs."""
    result: queue.Queue[Result] = queue.Queue()
    live.server.hub.loop.run_callback_threadsafe(lambda: result.put(call()))
    return result.get(timeout=PATIENCE_SECONDS)


def test_a_commit_of_the_session_notifies(live: Live, person: Person, site: MadeSite, tell: Tell, no_net: None) -> None:
    reader = live.open(person.token(site))
    settled(live)
    for version in range(5):
        tell(site, versions=[version])
        assert [change["version"] for change in reader.changes(1)] == [version]


def test_a_group_commit_of_votes_notifies(
    live: Live, person: Person, site: MadeSite, engine: Engine, no_net: None
) -> None:
    reader = live.open(person.token(site))
    settled(live)
    group_commit.commit(engine, lambda connection: publish(connection, site.id, "vote.cast", at=clock.now(), version=3))
    assert [change["version"] for change in reader.changes(1)] == [3]


def test_without_a_notify_only_the_poll_finds_it(
    live: Live, person: Person, site: MadeSite, tell: Tell, monkeypatch: pytest.MonkeyPatch, no_net: None
) -> None:
    reader = live.open(person.token(site))
    settled(live)
    with monkeypatch.context() as silent:
        silent.setattr(pg_notify.Notifier, "wake", lambda self: None)
        before = live.follower.position
        tell(site, versions=[1])
        # Only time can show that nothing happens: a NOTIFY would arrive after a few milliseconds.
        time.sleep(0.2)
        assert live.follower.position == before
    tell(site, versions=[2])
    assert [change["version"] for change in reader.changes(2)] == [1, 2]


def test_events_held_back_by_a_transaction_are_sent_when_it_ends_without_a_notify(
    live: Live, person: Person, site: MadeSite, tell: Tell, engine: Engine, no_net: None
) -> None:
    reader = live.open(person.token(site))
    settled(live)
    with engine.connect() as slow:
        slow.begin()
        slow.execute(text("select pg_current_xact_id()"))
        before = live.follower.position
        tell(site, versions=[1])
        live.wait_for_look()
        assert live.follower.position == before
        slow.rollback()
        assert [change["version"] for change in reader.changes(1)] == [1]


def test_a_dead_connection_is_replaced(
    live: Live, person: Person, site: MadeSite, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_source, "MAX_DELAY_SECONDS", 0.1)
    reader = live.open(person.token(site))
    settled(live)
    deaf = listener_of(live)
    assert deaf is not None
    # Run in the thread that waits for the answer, which would otherwise take it away from here.
    run_in_its_thread(live, lambda: deaf.driver.execute(f"UNLISTEN {pg_notify.CHANNEL}"))
    tell(site, versions=[1])
    assert [change["version"] for change in reader.changes(1)] == [1]
    monkeypatch.setattr(change_source, "MAX_DELAY_SECONDS", 600.0)
    tell(site, versions=[2])
    assert [change["version"] for change in reader.changes(1)] == [2]
    settled(live)
    assert listener_of(live) is not deaf


def test_many_commits_send_few_notifies(
    site: MadeSite, tell: Tell, engine: Engine, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    pause_seconds = 0.1
    monkeypatch.setattr(pg_notify, "PAUSE_SECONDS", pause_seconds)
    with postgres.connect("shared") as ear:
        ear.execute(f"LISTEN {pg_notify.CHANNEL}")
        began = time.monotonic()
        for version in range(50):
            tell(site, versions=[version])
        seconds = time.monotonic() - began
        # The first is sent at once, the last after the pause that the previous one began.
        notifications = [
            *ear.notifies(timeout=PATIENCE_SECONDS, stop_after=2),
            *ear.notifies(timeout=3 * pause_seconds),
        ]
    assert 2 <= len(notifications) <= seconds / pause_seconds + 2


def test_a_read_sends_no_notify(site: MadeSite, engine: Engine, postgres: Postgres, tell: Tell) -> None:
    with postgres.connect("shared") as ear:
        ear.execute(f"LISTEN {pg_notify.CHANNEL}")
        tell(site)
        assert len(list(ear.notifies(timeout=PATIENCE_SECONDS, stop_after=1))) == 1
        with engine.connect() as connection:
            connection.execute(text("select count(*) from event"))
        # Only time can show that none comes: one would arrive within a few milliseconds.
        assert list(ear.notifies(timeout=0.2)) == []
