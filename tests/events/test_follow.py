"""Who follows the outbox sees every committed event once, in an order in which nothing appears behind them."""

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
def writing(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        yield connection


def tell(connection: Connection, site: MadeSite, version: int = 1) -> None:
    publish(connection, site.id, "vote.cast", at=clock.now(), version=version)


def read(reader: Connection, after: Position = START) -> list[int]:
    """The versions of what can be read after a position; each look is a transaction of its own."""
    versions = [change.version for change in changes_after(reader, after)]
    reader.rollback()
    return versions


@ON_BOTH
def test_an_event_is_kept_with_its_transaction_or_not_at_all(
    engine: Engine, reader: Connection, site: MadeSite
) -> None:
    with writing(engine) as connection:
        tell(connection, site, 1)
    with pytest.raises(RuntimeError), writing(engine) as connection:
        tell(connection, site, 2)
        raise RuntimeError
    assert read(reader) == [1]


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
    assert read(reader) == []


@ON_BOTH
def test_following_from_a_position_gives_what_came_after_it(engine: Engine, reader: Connection, site: MadeSite) -> None:
    for version in (1, 2, 3):
        with writing(engine) as connection:
            tell(connection, site, version)
    first, second, third = (change.position for change in changes_after(reader, START))
    reader.rollback()
    assert (read(reader, first), read(reader, second), read(reader, third)) == ([2, 3], [3], [])
    assert find_newest_position(reader) == third


@ON_BOTH
def test_a_long_backlog_is_read_in_slices(engine: Engine, reader: Connection, site: MadeSite) -> None:
    with writing(engine) as connection:
        for version in range(1, 26):
            tell(connection, site, version)
    position, seen = START, []
    while changes := changes_after(reader, position, limit=10):
        seen += [change.version for change in changes]
        position = changes[-1].position
    assert seen == list(range(1, 26))


@ON_BOTH
def test_a_place_is_known_for_as_long_as_its_event_is_kept(engine: Engine, reader: Connection, site: MadeSite) -> None:
    assert is_kept(reader, START), "the beginning of an empty outbox is a place too"
    reader.rollback()
    for version in (1, 2):
        with writing(engine) as connection:
            tell(connection, site, version)
    first, second = (change.position for change in changes_after(reader, START))
    reader.rollback()
    with writing(engine) as connection:
        connection.execute(delete(Event).where(Event.id == first.id))
    assert [is_kept(reader, place) for place in (first, second)] == [False, True]
    assert not is_kept(reader, Position(second.xid + 1, second.id))


@ON_BOTH
def test_before_the_first_event_one_starts_at_the_beginning(reader: Connection) -> None:
    assert find_newest_position(reader) == START


@ON_POSTGRESQL
class TestOnPostgreSQL:
    def test_a_transaction_held_open_across_later_commits_is_not_skipped(
        self, engine: Engine, reader: Connection, site: MadeSite
    ) -> None:
        with engine.connect() as slow:
            slow.begin()
            tell(slow, site, 1)
            with writing(engine) as quick:
                tell(quick, site, 2)
            # The quick one is committed and its id is the higher: who goes by ids alone passes the slow one for ever.
            assert list(reader.execute(select(Event.version)).scalars()) == [2]
            reader.rollback()
            assert read(reader) == []
            assert find_newest_position(reader) == START
            reader.rollback()
            slow.commit()
        assert read(reader) == [1, 2]

    def test_a_transaction_that_tells_late_keeps_its_early_place(
        self, engine: Engine, reader: Connection, site: MadeSite
    ) -> None:
        with engine.connect() as slow:
            slow.begin()
            tell(slow, site, 1)
            for version in (2, 3):
                with writing(engine) as quick:
                    tell(quick, site, version)
            tell(slow, site, 4)
            slow.commit()
        assert read(reader) == [1, 4, 2, 3]

    def test_what_another_cluster_numbered_holds_nothing_back(
        self, engine: Engine, reader: Connection, site: MadeSite
    ) -> None:
        with writing(engine) as connection:
            tell(connection, site, 1)
            connection.execute(update(Event).values(xid=Event.xid + 10**9))
        with writing(engine) as connection:
            tell(connection, site, 2)
        assert not is_held_back(reader, START)
        reader.rollback()
        assert read(reader) == [2]
        with engine.connect() as slow:
            slow.begin()
            tell(slow, site, 3)
            with writing(engine) as quick:
                tell(quick, site, 4)
            assert is_held_back(reader, START)

    def test_one_that_is_given_up_holds_nothing_back(self, engine: Engine, reader: Connection, site: MadeSite) -> None:
        with engine.connect() as slow:
            slow.begin()
            tell(slow, site, 1)
            with writing(engine) as quick:
                tell(quick, site, 2)
            slow.rollback()
        assert read(reader) == [2]

    @pytest.mark.parametrize("seed", range(5))
    def test_a_follower_among_writers_in_any_order_sees_each_event_once(
        self, engine: Engine, reader: Connection, site: MadeSite, seed: int
    ) -> None:
        choice = random.Random(seed)
        writers = [engine.connect() for _ in range(4)]
        for writer in writers:
            writer.begin()
        told: dict[int, list[int]] = {number: [] for number in range(4)}
        position, seen, kept = START, [], []
        for step in range(120):
            number = choice.randrange(4)
            action = choice.choice(["tell", "tell", "commit", "give up"])
            if action == "tell":
                tell(writers[number], site, step)
                told[number].append(step)
            else:
                if action == "commit":
                    writers[number].commit()
                    kept += told[number]
                else:
                    writers[number].rollback()
                writers[number].begin()
                told[number] = []
            for change in changes_after(reader, position):
                assert change.position > position
                position = change.position
                seen.append(change.version)
            reader.rollback()
        for writer in writers:
            writer.rollback()
            writer.close()
        seen += read(reader, position)
        assert sorted(seen) == sorted(kept)
        assert kept


NO_POSITIONS = ["", "-", "1", "1-", "-1", "a-b", "1-2-3", "1.5-2", "٣-٤", "9" * 50 + "-1", " 1-2"]


def test_what_is_no_position_is_not_taken_for_one(subtests: pytest.Subtests) -> None:
    for text in (*NO_POSITIONS, f"0-{2**63}", f"{2**63}-1"):
        with subtests.test(text=text):
            assert Position.parse(text) is None


def test_a_position_reads_as_it_was_written() -> None:
    assert Position.parse(str(Position(12, 345))) == Position(12, 345)
    assert Position.parse(f"{2**63 - 1}-{2**63 - 1}") is not None
    assert Position(2, 1) > Position(1, 9)
