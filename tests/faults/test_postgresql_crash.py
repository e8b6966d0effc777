"""PostgreSQL crashes under load: acknowledged votes survive, and readers continue by themselves."""

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

from .concurrency import Findings, Place, ReaderLog, Voter, compare, place, read_log, stored
from .record import record

pytestmark = pytest.mark.postgresql
READERS = 4
UP_SECONDS = (0.2, 0.6)
KILLED = -9


@pytest.fixture(scope="module")
def durable() -> Iterator[Postgres]:
    """Run a server that waits for its disk as in production, and delays asynchronous commits by much."""
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
    reader_log: ReaderLog
    #: One for each crash with errors.
    wrong: list[Findings]


def crash(durable: Postgres, program: Voter, place: Place, crashes: int) -> Outcome:
    """Crash under constant load, and check each time that all acknowledged votes are there."""
    program.prepare(place.job(readers=READERS))
    program.go()
    wrong = []
    for _ in range(crashes):
        await_answers(place)
        time.sleep(random.uniform(*UP_SECONDS))
        durable.crash()
        before = read_log(place.journal)
        durable.start()
        stored_state = stored(place.url)
        # Meanwhile readers have sent more votes.
        if findings := compare(
            stored_state, dataclasses.replace(read_log(place.journal), acknowledged=before.acknowledged)
        ):
            wrong.append(findings)
    await_answers(place)
    assert program.kill() == KILLED
    return Outcome(read_log(place.journal), wrong)


def await_answers(place: Place) -> None:
    """Wait until a reader receives a success again."""

    def answered() -> int:
        return len(read_log(place.journal).acknowledged) if place.journal.exists() else 0

    before = answered()
    assert wait_until(lambda: answered() > before)


def test_a_crash_loses_nothing(durable: Postgres, program: Voter, here: Place) -> None:
    outcome = crash(durable, program, here, 2)
    assert outcome.wrong == []
    assert set(outcome.reader_log.refused) == {503}
    assert outcome.reader_log.refused_without_wait == 0


def test_not_waiting_for_the_disk_is_found(durable: Postgres, program: Voter, here: Place) -> None:
    """Repeat the crash: only the last page of the log is lost, and a crash may come just after it was written."""
    hurry(durable)
    assert any(findings.lost_count for _ in range(10) for findings in crash(durable, program, here, 1).wrong)


def hurry(durable: Postgres) -> None:
    with durable.connect() as connection:
        connection.execute("ALTER DATABASE crashed SET synchronous_commit = off")


@pytest.mark.long
def test_many_crashes(durable: Postgres, program: Voter, here: Place) -> None:
    crashes = 50
    outcome = crash(durable, program, here, crashes)
    assert outcome.wrong == []
    assert set(outcome.reader_log.refused) == {503}
    acknowledged = len(outcome.reader_log.acknowledged)
    hurry(durable)
    # In the same database: the answers of the first part stay true.
    planted = [findings.lost_count for findings in crash(durable, program, here, 10).wrong if findings.lost_count]
    assert planted
    record(
        "A8",
        f"{crashes} crashes, {acknowledged:,} votes acknowledged by {READERS} readers: 0 lost, 0 doubled",
        f"`synchronous_commit = off`: {planted[-1]} votes lost over 10 crashes",
    )
