"""Consumers of the outbox: where they start, how they advance, and which events stay for the slowest of them."""

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
DROP_OLD_EVENTS = next(job for job in schedule.JOBS if "events" in job.name)
PublishEvents = Callable[[int], list[Position]]


@pytest.fixture
def publish_events(app: Flask, site: MadeSite) -> PublishEvents:
    """Return a function that publishes a number of events and returns the positions of all stored ones."""

    def publish_some(count: int) -> list[Position]:
        with app.app_context():
            for version in range(count):
                publish(db.session, site.id, "conversation.changed", at=clock.now(), version=version + 1)
                db.session.commit()
        return stored_positions(app)

    return publish_some


def stored_positions(app: Flask) -> list[Position]:
    with app.app_context():
        return [change.position for change in changes_after(db.session.connection(), START)]


def register(app: Flask, name: str) -> Position:
    with app.app_context():
        position = consumers.register(db.session, name, clock.now())
        db.session.commit()
        return position


def advance(app: Flask, name: str, position: Position) -> None:
    with app.app_context():
        consumers.advance(db.session, name, position, clock.now())
        db.session.commit()


def test_a_new_consumer_starts_after_the_newest_event(app: Flask, publish_events: PublishEvents) -> None:
    *_, newest = publish_events(3)
    assert register(app, "webhooks") == newest
    later_positions = publish_events(2)[-2:]
    assert register(app, "webhooks") == newest, "a second start continues at the old position"
    with app.app_context():
        assert [change.position for change in changes_after(db.session.connection(), newest)] == later_positions


def test_an_uncommitted_position_does_not_advance(app: Flask, publish_events: PublishEvents) -> None:
    start = register(app, "webhooks")
    (position, *_) = publish_events(1)[-1:]
    with app.app_context():
        consumers.advance(db.session, "webhooks", position, clock.now())
        db.session.rollback()
        assert consumers.position_of(db.session, "webhooks") == start


def test_old_events_stay_until_every_consumer_has_passed(
    app: Flask, publish_events: PublishEvents, clock: SetClock
) -> None:
    for name in ("webhooks", "rollups"):
        register(app, name)
    positions = publish_events(6)
    clock.forward(days=30)

    advance(app, "webhooks", positions[-1])
    run_once(app, DROP_OLD_EVENTS)
    assert stored_positions(app)[-6:] == positions[-6:]

    advance(app, "rollups", positions[-3])
    run_once(app, DROP_OLD_EVENTS)
    assert stored_positions(app) == positions[-2:]

    advance(app, "rollups", positions[-1])
    run_once(app, DROP_OLD_EVENTS)
    assert stored_positions(app) == []
