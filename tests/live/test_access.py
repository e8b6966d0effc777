"""Permission to open a stream, and its lifetime."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from tests.serve.server import wait_until
from widget_server.accounts import live_tokens
from widget_server.accounts.live_tokens import MAX_RENEWAL_AGE, TOKEN_LIFETIME
from widget_server.core import tokens
from widget_server.live import blueprint, server, stream
from widget_server.sites.removal import remove_site
from widget_server.sites.service import find_site
from widget_server.storage.db import db

from .conftest import Live, Person, write

Tell = Callable[..., None]


def status(live: Live, token: str | None) -> int:
    return live.ask(token).response.status


def test_no_token_or_one_of_another_purpose_opens_nothing(
    live: Live, app: Flask, person: Person, site: MadeSite, clock: SetClock
) -> None:
    good = person.token(site)
    claims = {"site": str(site.id), "first": 0, "session_id": str(person.session_id)}
    foreign = tokens.sign(app.config["SECRET_KEYS"], "tfl", "operator", claims, clock.now() + TOKEN_LIFETIME)
    for token in (None, "", "tfl_x.y", site.api_key, foreign, good[:-2], good.replace("tfl_", "tfo_")):
        assert status(live, token) == 401
    assert live.open(good)


def test_a_token_is_valid_for_a_quarter_of_an_hour(live: Live, person: Person, site: MadeSite, clock: SetClock) -> None:
    token = person.token(site)
    clock.forward(minutes=14, seconds=59)
    live.open(token)
    clock.forward(seconds=2)
    assert status(live, token) == 401


@ON_BOTH
def test_signing_out_ends_the_open_streams_before_the_next_event(
    live: Live, person: Person, app: Flask, site: MadeSite, tell: Tell
) -> None:
    other = Person(app)
    token = person.token(site)
    leaving, staying = live.open(token), live.open(other.token(site))
    person.sign_out()
    tell(site)

    over = leaving.next()
    assert (over.event, over.data) == ("over", {"reason": "signed_out"})
    assert leaving.has_ended()
    assert len(staying.changes(1)) == 1
    assert status(live, token) == 401


@ON_BOTH
def test_the_streams_of_a_removed_site_end(live: Live, person: Person, app: Flask, site: MadeSite, tell: Tell) -> None:
    reader = live.open(person.token(site))
    with app.app_context():
        remove_site(find_site(site.id))
        db.session.commit()
    tell(site)
    assert reader.next().event == "over"
    assert status(live, person.token(site)) == 401


def test_an_open_stream_receives_a_new_token_after_two_thirds_of_its_life(
    live: Live, app: Flask, person: Person, site: MadeSite, clock: SetClock, tell: Tell
) -> None:
    reader = live.open(person.token(site))
    clock.forward(minutes=9, seconds=59)
    tell(site, versions=[1])
    assert reader.next().event == "change"
    clock.forward(seconds=1)
    tell(site, versions=[2])

    # The wall clock decides which of the two comes first.
    events = {one.event: one.data for one in (reader.next(), reader.next())}

    assert set(events) == {"change", "token"}
    fresh = live_tokens.read_token(app.config["SECRET_KEYS"], events["token"]["token"], clock.now())
    assert fresh.session_id == person.session_id
    assert fresh.expires_at == clock.now() + TOKEN_LIFETIME
    clock.forward(minutes=9)
    live.open(events["token"]["token"])


def test_renewals_of_a_token_end_after_twelve_hours(
    live: Live, app: Flask, person: Person, site: MadeSite, clock: SetClock, tell: Tell
) -> None:
    grant = live_tokens.grant_to_session(site.id, person.session_id, clock.now())
    while (longer := live_tokens.renew_grant(grant, grant.expires_at - TOKEN_LIFETIME / 3)) is not None:
        grant = longer
    assert grant.expires_at - grant.first_at == MAX_RENEWAL_AGE
    clock.set(grant.expires_at - timedelta(minutes=6))
    reader = live.open(write(app, grant))
    clock.forward(minutes=3)
    tell(site)
    # The event may come before the end, depending on the wall clock: the stream may check its time first.
    next_event = reader.next()
    over = reader.next() if next_event.event == "change" else next_event
    assert (over.event, over.data) == ("over", {"reason": "expired"})


def test_when_all_streams_are_taken_the_answer_says_when_to_retry(
    live: Live, person: Person, site: MadeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blueprint, "MAX_STREAMS", 1)
    live.open(person.token(site))
    refused = live.ask(person.token(site)).response
    assert refused.status == 503
    assert 5 <= int(refused.headers["Retry-After"]) <= 15
    assert refused.headers["Access-Control-Allow-Origin"] == "https://shop.example"


def test_one_token_takes_a_bounded_number_of_streams(
    live: Live, app: Flask, person: Person, site: MadeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blueprint, "MAX_PER_GRANT", 3)
    # The server notices a closed stream when it writes.
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.1)
    streams = [live.open(person.token(site)) for _ in range(3)]
    refused = live.ask(person.token(site)).response
    assert (refused.status, json.loads(refused.read())["code"]) == (429, "too_many")
    assert 5 <= int(refused.headers["Retry-After"]) <= 15
    live.open(Person(app).token(site))
    streams[0].close()
    assert wait_until(lambda: live.count() == 3)
    live.open(person.token(site))


def test_one_site_leaves_room_for_others(
    live: Live, app: Flask, site: MadeSite, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blueprint, "MAX_STREAMS", 10)
    for _ in range(8):
        live.open(Person(app).token(site))
    assert live.ask(Person(app).token(site)).response.status == 429
    live.open(Person(app).token(make.site(name="Other")))


def test_streams_that_open_at_once_are_counted(
    live: Live, person: Person, site: MadeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each waits for the database, so that all could pass a check before it."""
    monkeypatch.setattr(blueprint, "MAX_PER_GRANT", 3)
    token = person.token(site)
    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(lambda _: live.ask(token).response.status, range(12)))
    assert sorted(statuses) == [200] * 3 + [429] * 9


def test_pages_of_any_origin_may_ask(live: Live) -> None:
    preflight = live.ask(None, "OPTIONS").response
    assert preflight.status == 200
    assert preflight.headers["Access-Control-Allow-Headers"] == "Authorization"
    for response in (preflight, live.ask(None).response):
        assert response.headers["Access-Control-Allow-Origin"] == "https://shop.example"
        assert response.headers["Access-Control-Allow-Credentials"] == "true"
        assert "Origin" in response.headers["Vary"]


def test_pages_whose_wrapper_of_fetch_adds_headers(live: Live) -> None:
    names = "authorization, traceparent"
    live.headers["Access-Control-Request-Headers"] = names
    preflight = live.ask(None, "OPTIONS").response
    assert preflight.headers["Access-Control-Allow-Headers"] == names


def test_the_live_process_serves_nothing_else(live: Live, site: MadeSite) -> None:
    for path in ("/", "/console/", f"/w/{site.key}.js", "/api/v1/site"):
        assert live.ask(None, path=path).response.status == 404


def send_head(live: Live, *parts: bytes) -> bytes:
    """Send parts of a request's head and return what the server answers before it closes the connection."""
    with socket.create_connection(("127.0.0.1", live.server.port), timeout=10) as connection:
        received = b""
        with contextlib.suppress(ConnectionError):
            for part in parts:
                connection.sendall(part)
            while chunk := connection.recv(4096):
                received += chunk
        return received


def test_a_head_is_bounded_in_bytes_and_in_time(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    start = b"GET /live/health HTTP/1.1\r\nHost: localhost\r\n"
    fine = b"".join(b"X-%d: %s\r\n" % (number, b"x" * 1_000) for number in range(30))
    assert b"200 OK" in send_head(live, start, fine, b"Connection: close\r\n\r\n")
    assert b"400 Bad Request" in send_head(live, start, fine, fine, b"Connection: close\r\n\r\n")
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.2)
    assert b"400 Bad Request" in send_head(live, start, b"X-")
    monkeypatch.setattr(server, "IDLE_SECONDS", 0.2)
    assert send_head(live, b"GET /live/he") == b""
