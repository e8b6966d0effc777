"""No event is missing or sent twice, however often and wherever the connection is cut."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, select

from tests.databases import ON_BOTH, ON_POSTGRESQL
from tests.factories import MadeSite, Make
from widget_server.core import clock
from widget_server.core.config import Config
from widget_server.events.models import Event
from widget_server.events.outbox_reader import Position, find_newest_position
from widget_server.events.publish import publish
from widget_server.storage.db import engines, table_of

from ..faults.record import record
from .conftest import Person
from .cuts import (
    DEAF_WHILE_CATCHING_UP,
    PAST_THE_RUNNING,
    START_SECONDS,
    CutReader,
    Findings,
    LiveProcess,
    LiveThread,
    Resume,
    compare,
    from_the_last,
)

EVENT = table_of(Event).c
FRAME_BYTES = 190
WRITERS = 4
#: Clients further behind than a live process reads at once would be asked to reload.
MAX_AHEAD = 500
#: The silence after which no more events are expected, with no events missing and with a planted fault.
PATIENT_SECONDS, PLANTED_SECONDS = 30.0, 1.5
#: Whether a planted fault loses events depends on timing: one run may lose none, but not this many in a row.
PLANTED_RUNS = 6


class Writing:
    """Writers that publish in transactions of all lengths, some rolled back, until there are enough events."""

    def __init__(
        self, engine: Engine, sites: tuple[UUID, UUID], conversation: UUID, event_count: int, seed: int
    ) -> None:
        self.engine, self.sites, self.conversation, self.event_count = engine, sites, conversation, event_count
        self.kept = 0
        self.count = threading.Lock()
        self.may = threading.Event()
        self.may.set()
        self.threads = [threading.Thread(target=self.run, args=(random.Random(seed + n),)) for n in range(WRITERS)]

    @property
    def is_going(self) -> bool:
        return any(thread.is_alive() for thread in self.threads)

    def run(self, chance: random.Random) -> None:
        while self.kept < self.event_count:
            self.may.wait()
            with self.engine.connect() as connection:
                connection.begin()
                own = self.publish_some(connection, chance)
                if chance.random() < 0.1:
                    connection.rollback()
                    continue
                connection.commit()
            with self.count:
                self.kept += own

    def publish_some(self, connection: Connection, chance: random.Random) -> int:
        own = 0
        for _ in range(chance.randint(1, 4)):
            site_id = self.sites[chance.random() < 0.1]
            conversation = self.conversation if chance.random() < 0.3 else uuid4()
            publish(connection, site_id, "vote.cast", at=clock.now(), conversation_id=conversation)
            own += site_id == self.sites[0]
            if connection.dialect.name == "postgresql":
                # SQLite has one writer at a time, so a writer that waits here would only block the others.
                time.sleep(chance.choice((0, 0, 0.001, 0.004, 0.05 if chance.random() < 0.05 else 0)))
        if connection.dialect.name == "sqlite":
            time.sleep(0.001)
        return own


class Scene:
    """A database with its writers, its clients, and the live process between them."""

    def __init__(self, app: Flask, config: Config, site: MadeSite, other: MadeSite, token: str, folder: Path) -> None:
        with app.app_context():
            self.engines = engines()
        self.config, self.site, self.other, self.token, self.folder = config, site, other, token, folder
        #: Enough if nothing is killed and no fault is planted.
        self.is_in_thread = False

    def run(
        self, events: int, cuts: int, kills: int, *, plant: str = "", resume: Resume = from_the_last, seed: int = 1
    ) -> Findings:
        live = LiveThread(self.config) if self.is_in_thread else self.process(plant)
        with self.engines.write.begin() as connection:
            publish(connection, self.other.id, "vote.cast", at=clock.now())
        conversation, start = uuid4(), self.newest()
        # One client reads everything, the other what a console page does: one conversation, and list notifications.
        wishes = [("", events * FRAME_BYTES), (f"list=1&conversation={conversation}", events * FRAME_BYTES // 3)]
        readers = []
        for number, (query, size) in enumerate(wishes):
            reader = CutReader(live.live_port, self.token, query, cuts // 2, resume, seed + number)
            reader.stride, reader.last = max(size // cuts, 40), start
            readers.append(reader)
        writing = Writing(self.engines.write, (self.site.id, self.other.id), conversation, events, seed)
        try:
            live.start()
            for reader in readers:
                reader.start()
                assert reader.greeted.wait(START_SECONDS)
            for writer in writing.threads:
                writer.start()
            is_done = self.watch(writing, readers, live, kills)
            expected = [self.committed(start), self.committed(start, conversation)]
            is_planted = plant or resume is not from_the_last
            self.wait_for_the_rest(readers, expected, PLANTED_SECONDS if is_planted else PATIENT_SECONDS)
        finally:
            writing.event_count = 0
            writing.may.set()
            for reader in readers:
                reader.over.set()
            for thread in (*readers, *writing.threads):
                if thread.ident is not None:
                    thread.join()
            live.end()
        assert len(expected[0]) == writing.kept
        return compare(list(zip(readers, expected, strict=True)), is_done)

    def process(self, plant: str) -> LiveProcess:
        key = self.config.secret_keys[0].decode()
        return LiveProcess(self.folder, plant, database_url=self.config.database_url, secret_keys=key)

    def watch(self, writing: Writing, readers: list[CutReader], live: LiveProcess, kills: int) -> int:
        """Keep the writers near the clients and kill the live process sometimes; return the number of kills."""
        kill_count = 0
        while writing.is_going:
            ahead = self.newest().id - min(reader.last.id for reader in readers)
            (writing.may.set if ahead < MAX_AHEAD else writing.may.clear)()
            if kill_count < kills and writing.kept > writing.event_count * (kill_count + 1) / (kills + 1):
                live.kill()
                live.start()
                kill_count += 1
            time.sleep(0.01)
        return kill_count

    def newest(self) -> Position:
        with self.engines.read.connect() as connection:
            return find_newest_position(connection)

    def committed(self, start: Position, conversation: UUID | None = None) -> list[Position]:
        query = select(EVENT.xid, EVENT.id).where(EVENT.site_id == self.site.id).order_by(EVENT.xid, EVENT.id)
        if conversation is not None:
            query = query.where(EVENT.conversation_id == conversation)
        with self.engines.read.connect() as connection:
            return [place for row in connection.execute(query) if (place := Position(*row)) > start]

    def wait_for_the_rest(self, readers: list[CutReader], expected: list[list[Position]], quiet: float) -> None:
        """Wait until all events arrived or no more come, then a moment for surplus ones."""
        heard_at, before = time.monotonic(), -1
        while time.monotonic() < heard_at + quiet:
            event_count = sum(len(reader.received) for reader in readers)
            if event_count != before:
                heard_at, before = time.monotonic(), event_count
            if all(len(set(reader.received)) >= len(all_) for reader, all_ in zip(readers, expected, strict=True)):
                break
            time.sleep(0.02)
        time.sleep(0.2)


@pytest.fixture
def scene(app: Flask, config: Config, site: MadeSite, make: Make, person: Person, tmp_path: Path) -> Iterator[Scene]:
    yield Scene(app, config, site, make.site(name="Other"), person.token(site), tmp_path)


def one_too_early(positions: list[Position], last: Position) -> Position | None:
    return positions[-2] if len(positions) > 1 else last


def from_now(positions: list[Position], last: Position) -> Position | None:
    return None if positions else last


@ON_BOTH
def test_no_gap_and_no_duplicate_over_cuts_and_a_kill(scene: Scene) -> None:
    findings = scene.run(events=600, cuts=30, kills=1)
    assert findings.is_clean, findings
    assert findings.events >= 600 and findings.cuts >= 20 and findings.kills == 1


def test_a_client_that_resumes_from_the_wrong_position_is_found(scene: Scene) -> None:
    scene.is_in_thread = True
    assert scene.run(events=200, cuts=20, kills=0, resume=one_too_early).doubled


def test_a_stream_that_does_not_catch_up_is_found(scene: Scene) -> None:
    assert runs_until_missing(scene, events=200, cuts=20, plant=DEAF_WHILE_CATCHING_UP)[-1].missing


@ON_POSTGRESQL
def test_reading_past_a_running_transaction_is_found(scene: Scene) -> None:
    assert runs_until_missing(scene, events=300, cuts=10, plant=PAST_THE_RUNNING)[-1].missing


def runs_until_missing(
    scene: Scene, events: int, cuts: int, *, plant: str = "", resume: Resume = from_the_last
) -> list[Findings]:
    """Run with a planted fault until some events are missing, and not because none arrived."""
    findings: list[Findings] = []
    while not (findings and findings[-1].missing) and len(findings) < PLANTED_RUNS:
        findings.append(scene.run(events, cuts, kills=0, plant=plant, resume=resume, seed=1 + len(findings)))
        assert findings[-1].received > 10, findings
    return findings


@ON_BOTH
@pytest.mark.long
def test_ten_thousand_events_over_a_hundred_cuts(scene: Scene) -> None:
    findings = scene.run(events=10_000, cuts=120, kills=10)
    assert findings.is_clean, findings
    assert findings.events >= 10_000 and findings.cuts >= 100 and findings.kills == 10
    dialect = scene.engines.write.dialect.name
    planted = [runs_until_missing(scene, events=500, cuts=20, resume=from_now)[-1]]
    if dialect == "postgresql":
        planted.append(runs_until_missing(scene, events=500, cuts=20, plant=PAST_THE_RUNNING)[-1])
    assert all(one.missing for one in planted), planted
    words = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[dialect]
    faults = "resumes without its place" + (", reads past a running transaction" if len(planted) == 2 else "")
    record(
        f"A21, streams on {words}", str(findings), f"{faults}: {', '.join(str(one.missing) for one in planted)} missing"
    )
