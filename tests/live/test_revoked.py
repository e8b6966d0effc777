"""Streams whose permission ended are closed within seconds, also while nothing happens on the site."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event

from tests.back_end import Api, done
from tests.databases import ON_BOTH
from tests.factories import MadeSite
from tests.frozen_clock import SetClock
from widget_server.accounts import live_tokens
from widget_server.live import expiry_check
from widget_server.sites.service import find_site, remove_site
from widget_server.storage.db import db

from .conftest import Live, Person, Reader, Tell, write

#: The promised maximum time from the end of a permission to the end of the stream.
PROMISED_SECONDS = 5


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the check of expired grants more often."""
    monkeypatch.setattr(expiry_check, "CHECK_SECONDS", 0.05)


def assert_cut_off(reader: Reader) -> None:
    over = reader.next()
    assert (over.event, over.data) == ("over", {"reason": "signed_out"})
    assert reader.has_ended()


def test_the_expiry_check_keeps_the_promise() -> None:
    """Check the interval: a permission that ends just after a check is noticed by the next, and a check takes time."""
    assert expiry_check.CHECK_SECONDS * 2 < PROMISED_SECONDS


@ON_BOTH
def test_signing_out_ends_a_silent_stream(
    live: Live, person: Person, app: Flask, site: MadeSite, often: None, tell: Tell
) -> None:
    leaving, staying = live.open(person.token(site)), live.open(Person(app).token(site))
    person.sign_out()
    assert_cut_off(leaving)
    tell(site, versions=[2])
    assert staying.next_version() == 2


@ON_BOTH
def test_removing_a_site_ends_its_silent_streams(
    live: Live, person: Person, app: Flask, site: MadeSite, often: None
) -> None:
    reader = live.open(person.token(site))
    with app.app_context():
        remove_site(find_site(site.id))
        db.session.commit()
    assert_cut_off(reader)


@ON_BOTH
def test_revoking_an_agent_ends_their_streams_and_their_tokens_open_nothing(
    live: Live, api: Api, site: MadeSite, agent_token: Callable[..., str], often: None, clock: SetClock, tell: Tell
) -> None:
    mine, other = uuid4(), uuid4()
    nora, emil = agent_token("nora", str(mine)), agent_token("emil", str(other))
    leaving, staying = live.open(nora), live.open(emil)

    clock.forward(seconds=1)
    done(api.post("/agents/nora/revoke"))

    assert_cut_off(leaving)
    assert live.ask(nora).response.status == 401
    tell(site, versions=[2], conversation_id=other)
    assert staying.next_version() == 2
    live.open(emil)
    clock.forward(seconds=1)
    live.open(agent_token("nora", str(mine)))


def test_a_token_renewed_after_the_revocation_is_still_revoked(
    live: Live, app: Flask, api: Api, site: MadeSite, agent_token: Callable[..., str], clock: SetClock
) -> None:
    old = live_tokens.read_token(app.config["SECRET_KEYS"], agent_token("nora", str(uuid4())), clock.now())
    clock.forward(minutes=5)
    done(api.post("/agents/nora/revoke"))
    clock.forward(minutes=5)
    renewed = live_tokens.renew_grant(old, clock.now())
    assert renewed is not None
    assert live.ask(write(app, renewed)).response.status == 401


@ON_BOTH
def test_a_token_of_the_same_second_as_the_revocation_is_compared_by_its_exact_time(
    live: Live, app: Flask, api: Api, agent_token: Callable[..., str], clock: SetClock
) -> None:
    clock.forward(milliseconds=200)
    before = agent_token("nora", str(uuid4()))
    clock.forward(milliseconds=200)
    done(api.post("/agents/nora/revoke"))
    clock.forward(milliseconds=200)
    after = agent_token("nora", str(uuid4()))
    assert live.ask(before).response.status == 401
    live.open(after)


def test_one_query_of_each_kind_serves_all_streams(
    live: Live, person: Person, site: MadeSite, agent_token: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiry_check, "CHECK_SECONDS", 3600)
    application = live.server.app
    engines, following = application.extensions["tilfreds_engines"], application.extensions["tilfreds_follower"]
    statements: list[str] = []

    def asked() -> int:
        statements.clear()
        following.expiry_check.end_expired()
        return len(statements)

    live.open(person.token(site))
    live.open(agent_token("nora", str(uuid4())))
    here = threading.get_ident()

    def note(*arguments: Any) -> None:
        # The streams make their queries in the server's own thread.
        if threading.get_ident() == here:
            statements.append(arguments[2])

    event.listen(engines.read, "before_cursor_execute", note)
    few = asked()
    for number in range(20):
        live.open(person.token(site))
        live.open(agent_token(f"agent-{number}", str(uuid4())))
    assert (few, asked()) == (3, 3)
