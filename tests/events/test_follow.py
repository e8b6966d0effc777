"""A reader of the outbox sees every committed event once, in an order in which no event appears behind it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, delete, select, update

from widget_server.core import clock
from widget_server.events.models import Event
from widget_server.events.outbox_reader import (
    START,
    Position,
    changes_after,
    find_newest_position,
    is_held_back,
    is_kept,
)
from widget_server.events.publish import publish
from widget_server.storage.db import engines

from ..databases import ON_BOTH, ON_POSTGRESQL
from ..factories import MadeSite


@pytest.fixture
def engine(app: Flask) -> Engine:
    with app.app_context():
        return engines().write


@pytest.fixture
def reader(app: Flask) -> Iterator[Connection]:
    with app.app_context(), engines().read.connect() as connection:
        yield connection


@contextmanager
def write_transaction(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        yield connection


def publish_version(connection: Connection, site: MadeSite, version: int = 1) -> None:
    publish(connection, site.id, "vote.cast", at=clock.now(), version=version)


def read_versions(reader: Connection, after: Position = START) -> list[int]:
    """Return the versions of the readable events after a position, in a separate transaction."""
    versions = [change.version for change in changes_after(reader, after)]
    reader.rollback()
    return versions


@ON_BOTH
def test_an_event_is_stored_only_with_its_transaction(engine: Engine, reader: Connection, site: MadeSite) -> None:
    with write_transaction(engine) as connection:
        publish_version(connection, site, 1)
    with pytest.raises(RuntimeError), write_transaction(engine) as connection:
        publish_version(connection, site, 2)
        raise RuntimeError
    assert read_versions(reader) == [1]


@ON_BOTH
def test_the_session_of_a_request_publishes_too(session: Any, reader: Connection, site: MadeSite) -> None:
    conversation, segment, vote = uuid4(), uuid4(), uuid4()
    publish(
        session,
        site.id,
        "vote.changed",
        at=clock.now(),
        conversation_id=conversation,
        segment_id=segment,
        vote_id=vote,
        version=7,
    )
    session.commit()
    [change] = changes_after(reader, START)
    assert (change.site_id, change.kind, change.version) == (site.id, "vote.changed", 7)
    assert (change.conversation_id, change.segment_id, change.vote_id) == (conversation, segment, vote)
    assert change.subject_id is None


def test_an_unknown_kind_is_refused_before_it_is_written(engine: Engine, reader: Connection, site: MadeSite) -> None:
    with engine.connect() as connection, pytest.raises(ValueError, match="vote.invented"):
        publish(connection, site.id, "vote.invented", at=clock.now())
    assert read_versions(reader) == []


@ON_BOTH
def test_reading_from_a_position_returns_later_events(engine: Engine, reader: Connection, site: MadeSite) -> None:
    for version in (1, 2, 3):
        with write_transaction(engine) as connection:
            publish_version(connection, site, version)
    first, second, third = (change.position for change in changes_after(reader, START))
    reader.rollback()
    assert [read_versions(reader, position) for position in (first, second, third)] == [[2, 3], [3], []]
    assert find_newest_position(reader) == third


@ON_BOTH
def test_a_long_backlog_is_read_in_batches(engine: Engine, reader: Connection, site: MadeSite) -> None:
    with write_transaction(engine) as connection:
        for version in range(1, 26):
            publish_version(connection, site, version)
    position, versions = START, []
    while changes := changes_after(reader, position, limit=10):
        versions += [change.version for change in changes]
        position = changes[-1].position
    assert versions == list(range(1, 26))


@ON_BOTH
def test_a_position_is_kept_as_long_as_its_event(engine: Engine, reader: Connection, site: MadeSite) -> None:
    assert is_kept(reader, START), "the start of an empty outbox is a position too"
    reader.rollback()
    for version in (1, 2):
        with write_transaction(engine) as connection:
            publish_version(connection, site, version)
    first, second = (change.position for change in changes_after(reader, START))
    reader.rollback()
    with write_transaction(engine) as connection:
        connection.execute(delete(Event).where(Event.id == first.id))
    assert [is_kept(reader, position) for position in (first, second)] == [False, True]
    assert not is_kept(reader, Position(second.xid + 1, second.id))


@ON_BOTH
def test_an_empty_outbox_is_read_from_the_start(reader: Connection) -> None:
    assert find_newest_position(reader) == START


@ON_POSTGRESQL
class TestOnPostgreSQL:
    def test_a_transaction_that_commits_late_is_not_skipped(
        self, engine: Engine, reader: Connection, site: MadeSite
    ) -> None:
        with engine.connect() as slow:
            slow.begin()
            publish_version(slow, site, 1)
            with write_transaction(engine) as quick:
                publish_version(quick, site, 2)
            # The quick one committed with the higher id, so a reader that goes by ids alone would skip the slow one.
            assert list(reader.execute(select(Event.version)).scalars()) == [2]
            reader.rollback()
            assert read_versions(reader) == []
            assert find_newest_position(reader) == START
            reader.rollback()
            slow.commit()
        assert read_versions(reader) == [1, 2]

    def test_late_events_of_an_early_transaction_come_first(
        self, engine: Engine, reader: Connection, site: MadeSite
    ) -> None:
        with engine.connect() as slow:
            slow.begin()
            publish_version(slow, site, 1)
            for version in (2, 3):
                with write_transaction(engine) as quick:
                    publish_version(quick, site, version)
            publish_version(slow, site, 4)
            slow.commit()
        assert read_versions(reader) == [1, 4, 2, 3]

    def test_transaction_ids_of_another_cluster_block_nothing(
        self, engine: Engine, reader: Connection, site: MadeSite
    ) -> None:
        with write_transaction(engine) as connection:
            publish_version(connection, site, 1)
            connection.execute(update(Event).values(xid=Event.xid + 10**9))
        with write_transaction(engine) as connection:
            publish_version(connection, site, 2)
        assert not is_held_back(reader, START)
        reader.rollback()
        assert read_versions(reader) == [2]
        with engine.connect() as slow:
            slow.begin()
            publish_version(slow, site, 3)
            with write_transaction(engine) as quick:
                publish_version(quick, site, 4)
            assert is_held_back(reader, START)

    def test_a_rolled_back_transaction_blocks_nothing(self, engine: Engine, reader: Connection, site: MadeSite) -> None:
        with engine.connect() as slow:
            slow.begin()
            publish_version(slow, site, 1)
            with write_transaction(engine) as quick:
                publish_version(quick, site, 2)
            slow.rollback()
        assert read_versions(reader) == [2]

    @pytest.mark.parametrize("seed", range(5))
    def test_a_reader_beside_random_writers_sees_each_event_once(
        self, engine: Engine, reader: Connection, site: MadeSite, seed: int
    ) -> None:
        rng = random.Random(seed)
        writers = [engine.connect() for _ in range(4)]
        for writer in writers:
            writer.begin()
        pending: dict[int, list[int]] = {number: [] for number in range(4)}
        position, versions, committed_versions = START, [], []
        for step in range(120):
            number = rng.randrange(4)
            action = rng.choice(["publish", "publish", "commit", "roll back"])
            if action == "publish":
                publish_version(writers[number], site, step)
                pending[number].append(step)
            else:
                if action == "commit":
                    writers[number].commit()
                    committed_versions += pending[number]
                else:
                    writers[number].rollback()
                writers[number].begin()
                pending[number] = []
            for change in changes_after(reader, position):
                assert change.position > position
                position = change.position
                versions.append(change.version)
            reader.rollback()
        for writer in writers:
            writer.rollback()
            writer.close()
        versions += read_versions(reader, position)
        assert sorted(versions) == sorted(committed_versions)
        assert committed_versions


MALFORMED_POSITIONS = ["", "-", "1", "1-", "-1", "a-b", "1-2-3", "1.5-2", "٣-٤", "9" * 50 + "-1", " 1-2"]


def test_a_malformed_position_is_rejected(subtests: pytest.Subtests) -> None:
    for text in (*MALFORMED_POSITIONS, f"0-{2**63}", f"{2**63}-1"):
        with subtests.test(text=text):
            assert Position.parse(text) is None


def test_a_position_survives_its_text_form() -> None:
    assert Position.parse(str(Position(12, 345))) == Position(12, 345)
    assert Position.parse(f"{2**63 - 1}-{2**63 - 1}") is not None
    assert Position(2, 1) > Position(1, 9)
