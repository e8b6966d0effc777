"""PostgreSQL crashes under load: acknowledged votes are there when it comes back, and readers go on by themselves."""

from __future__ import annotations

import dataclasses
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.postgres import Postgres, running
from tests.serve.server import wait_until
from widget_server.migrations import run

from .concurrency import Findings, Place, Told, Voter, compare, place, stored, told
from .record import record

pytestmark = pytest.mark.postgresql
READERS = 4
UP_SECONDS = (0.2, 0.6)
KILLED = -9


@pytest.fixture(scope="module")
def durable() -> Iterator[Postgres]:
    """A server that waits for its disk as one in production does, and lets those who do not wait be late by much."""
    with running(durable=True, wal_writer_delay="10s") as server:
        yield server


@pytest.fixture
def here(durable: Postgres, tmp_path: Path) -> Iterator[Place]:
    url = durable.create("crashed")
    run.upgrade(url)
    yield place(tmp_path, url)
    durable.drop("crashed")


@dataclass(frozen=True)
class Outcome:
    told: Told
    #: One for each crash after which something was wrong.
    wrong: list[Findings]


def crash(durable: Postgres, program: Voter, place: Place, crashes: int) -> Outcome:
    """Crash under readers who never stop, and look each time whether what they were told by then is there."""
    program.prepare(place.job(readers=READERS))
    program.go()
    wrong = []
    for _ in range(crashes):
        await_answers(place)
        time.sleep(random.uniform(*UP_SECONDS))
        durable.crash()
        before = told(place.journal)
        durable.start()
        found = stored(place.url)
        # Meanwhile readers have asked for more.
        if findings := compare(found, dataclasses.replace(told(place.journal), acknowledged=before.acknowledged)):
            wrong.append(findings)
    await_answers(place)
    assert program.kill() == KILLED
    return Outcome(told(place.journal), wrong)


def await_answers(place: Place) -> None:
    """Until a reader was answered with success once more."""

    def answered() -> int:
        return len(told(place.journal).acknowledged) if place.journal.exists() else 0

    before = answered()
    assert wait_until(lambda: answered() > before)


def test_a_crash_loses_nothing(durable: Postgres, program: Voter, here: Place) -> None:
    outcome = crash(durable, program, here, 2)
    assert outcome.wrong == []
    assert set(outcome.told.refused) == {503}
    assert outcome.told.refused_without_wait == 0


def test_not_waiting_for_the_disk_is_found(durable: Postgres, program: Voter, here: Place) -> None:
    """What is lost is the last page of the log, less than two votes: a crash may come just after one was written."""
    hurry(durable)
    assert any(found.lost for _ in range(10) for found in crash(durable, program, here, 1).wrong)


def hurry(durable: Postgres) -> None:
    with durable.connect() as connection:
        connection.execute("ALTER DATABASE crashed SET synchronous_commit = off")


@pytest.mark.long
def test_many_crashes(durable: Postgres, program: Voter, here: Place) -> None:
    crashes = 50
    outcome = crash(durable, program, here, crashes)
    assert outcome.wrong == []
    assert set(outcome.told.refused) == {503}
    acknowledged = len(outcome.told.acknowledged)
    hurry(durable)
    # In the same database: what the first part was told stays true.
    planted = [found.lost for found in crash(durable, program, here, 10).wrong if found.lost]
    assert planted
    record(
        "A8",
        f"{crashes} crashes, {acknowledged:,} votes acknowledged by {READERS} readers: 0 lost, 0 doubled",
        f"`synchronous_commit = off`: {planted[-1]} votes lost over 10 crashes",
    )
