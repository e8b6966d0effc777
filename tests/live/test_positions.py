"""The start of a stream: after a position that its client names, or from now on."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete

from tests.databases import ON_BOTH
from tests.factories import MadeSite
from widget_server.events.models import Event
from widget_server.events.outbox_reader import START, changes_after
from widget_server.live import follower
from widget_server.storage.db import db

from .conftest import Live, Person, Tell


@ON_BOTH
def test_after_a_cut_it_continues_where_it_was(live: Live, person: Person, site: MadeSite, tell: Tell) -> None:
    tell(site, versions=[1])
    reader = live.open(person.token(site), after="0-0")
    assert [change["version"] for change in reader.changes(1)] == [1]
    reader.close()
    tell(site, versions=[2, 3])

    again = live.open(person.token(site), after=reader.position)
    tell(site, versions=[4])

    assert [change["version"] for change in again.changes(3)] == [2, 3, 4]
    tell(site, versions=[5])
    assert again.next_version() == 5


def test_a_cut_between_the_greeting_and_the_past_loses_nothing(
    live: Live, person: Person, site: MadeSite, tell: Tell
) -> None:
    tell(site, versions=[1, 2, 3])
    greeted = live.open(person.token(site), after="0-0")
    greeted.close()
    assert greeted.position == "0-0"


@ON_BOTH
def test_without_a_position_it_starts_with_new_events(live: Live, person: Person, site: MadeSite, tell: Tell) -> None:
    tell(site, versions=[1])
    reader = live.open(person.token(site))
    tell(site, versions=[2])
    assert [change["version"] for change in reader.changes(1)] == [2]


@ON_BOTH
@pytest.mark.parametrize("position", ["999999999-999999999", "0-999999999"])
def test_a_position_of_another_database_causes_a_reset(
    live: Live, person: Person, site: MadeSite, tell: Tell, position: str, request: pytest.FixtureRequest
) -> None:
    tell(site, versions=[1])
    if position.startswith("0-") and "postgresql" in request.node.callspec.id:
        position = "999999999-1"
    reader = live.ask(person.token(site), after=position)
    assert reader.next().event == "reset"
    assert reader.next().event == "hello"
    tell(site, versions=[2])
    assert [change["version"] for change in reader.changes(1)] == [2]


@pytest.mark.parametrize("position", ["0-99999999999999999999", "99999999999999999999-1", "1-"])
def test_an_invalid_position_starts_now(live: Live, person: Person, site: MadeSite, tell: Tell, position: str) -> None:
    tell(site, versions=[1])
    reader = live.open(person.token(site), after=position)
    tell(site, versions=[2])
    assert [change["version"] for change in reader.changes(1)] == [2]


@ON_BOTH
def test_a_deleted_position_causes_a_reset(live: Live, person: Person, app: Flask, site: MadeSite, tell: Tell) -> None:
    """Check positions before the oldest stored event, or before a restore: the events after them are unknown."""
    tell(site, versions=[1, 2])
    with app.app_context():
        first = changes_after(db.session.connection(), START)[0].position
        db.session.execute(delete(Event).where(Event.id <= first.id))
        db.session.commit()
    reader = live.ask(person.token(site), after=str(first))
    assert reader.next().event == "reset"


@ON_BOTH
def test_a_client_too_far_behind_gets_a_reset(
    live: Live, person: Person, site: MadeSite, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "BATCH_SIZE", 5)
    tell(site, versions=range(6))
    reader = live.ask(person.token(site), after="0-0")
    assert reader.next().event == "reset"
