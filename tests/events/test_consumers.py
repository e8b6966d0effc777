"""Consumers of the outbox: where they begin, how they move, and what is kept for the slowest of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.databases import ON_BOTH
from tests.factories import MadeSite
from tests.frozen_clock import SetClock
from widget_server.core import clock
from widget_server.events import consumers
from widget_server.events.outbox_reader import START, Position, changes_after
from widget_server.events.publish import publish
from widget_server.jobs import schedule
from widget_server.jobs.loop import run_once
from widget_server.storage.db import db

pytestmark = ON_BOTH
DROP = next(job for job in schedule.JOBS if "events" in job.name)
Tell = Callable[[int], list[Position]]


@pytest.fixture
def tell(app: Flask, site: MadeSite) -> Tell:
    """Publishes so many events and returns the positions of all that are kept."""

    def publish_some(count: int) -> list[Position]:
        with app.app_context():
            for version in range(count):
                publish(db.session, site.id, "conversation.changed", at=clock.now(), version=version + 1)
                db.session.commit()
        return kept(app)

    return publish_some


def kept(app: Flask) -> list[Position]:
    with app.app_context():
        return [change.position for change in changes_after(db.session.connection(), START)]


def register(app: Flask, name: str) -> Position:
    with app.app_context():
        position = consumers.register(db.session, name, clock.now())
        db.session.commit()
        return position


def move(app: Flask, name: str, position: Position) -> None:
    with app.app_context():
        consumers.advance(db.session, name, position, clock.now())
        db.session.commit()


def test_a_new_consumer_begins_behind_the_newest_event(app: Flask, tell: Tell) -> None:
    *_, newest = tell(3)
    assert register(app, "webhooks") == newest
    later = tell(2)[-2:]
    assert register(app, "webhooks") == newest, "a second start goes on where it was"
    with app.app_context():
        assert [change.position for change in changes_after(db.session.connection(), newest)] == later


def test_a_position_that_was_not_committed_did_not_move(app: Flask, tell: Tell) -> None:
    begin = register(app, "webhooks")
    (position, *_) = tell(1)[-1:]
    with app.app_context():
        consumers.advance(db.session, "webhooks", position, clock.now())
        db.session.rollback()
        assert consumers.position_of(db.session, "webhooks") == begin


def test_old_events_stay_until_every_consumer_has_passed(app: Flask, tell: Tell, clock: SetClock) -> None:
    for name in ("webhooks", "rollups"):
        register(app, name)
    positions = tell(6)
    clock.forward(days=30)

    move(app, "webhooks", positions[-1])
    run_once(app, DROP)
    assert kept(app)[-6:] == positions[-6:]

    move(app, "rollups", positions[-3])
    run_once(app, DROP)
    assert kept(app) == positions[-2:]

    move(app, "rollups", positions[-1])
    run_once(app, DROP)
    assert kept(app) == []
