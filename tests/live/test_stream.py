"""An open stream: what it sends, from which position, and which events it must not send."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.conversations.talk import Talk
from tests.databases import ON_BOTH, ON_POSTGRESQL
from tests.factories import MadeSite, Make
from widget_server.core import clock
from widget_server.events.outbox_reader import find_newest_position
from widget_server.events.publish import publish
from widget_server.live import follower, server, stream
from widget_server.live.blueprint import MAX_FOLLOWED
from widget_server.storage.db import engines

from .conftest import PATIENCE_SECONDS, Live, Person, Tell


@ON_BOTH
def test_a_press_is_sent_with_its_conversation_and_segment(
    live: Live, person: Person, site: MadeSite, talks: Callable[..., Talk]
) -> None:
    talk = talks().chat()
    token = talk.ask()
    reader = live.open(person.token(site), conversation=talk.read()["id"])
    talk.vote(token, 1, comment="Still no parcel")

    [change] = reader.changes(1)

    assert change["kind"] == "vote.cast"
    assert change["conversation"] == talk.read()["id"]
    assert change["segment"] == talk.segments()[0]["id"]
    assert "Still no parcel" not in "".join(reader.raw)


@ON_BOTH
def test_another_sites_events_are_not_sent(live: Live, person: Person, site: MadeSite, make: Make, tell: Tell) -> None:
    other = make.site(name="Other")
    reader = live.open(person.token(site), after="0-0", list="1")
    everything = live.open(person.token(site), after="0-0")
    elsewhere = live.open(person.token(other))
    tell(other, versions=[1])
    assert elsewhere.next_version() == 1
    tell(site, versions=[2])
    assert everything.next_version() == 2
    assert (reader.next().event, reader.position) == ("list", everything.position), "the first hint is of its own site"


def test_one_conversation_is_sent_in_full_and_the_rest_as_list_notifications(
    live: Live, person: Person, site: MadeSite, tell: Tell
) -> None:
    mine, other = uuid4(), uuid4()
    focused = live.open(person.token(site), conversation=str(mine))
    listening = live.open(person.token(site), conversation=str(mine), list="1")

    tell(site, conversation_id=other)
    hint = listening.next()
    assert (hint.event, set(hint.data)) == ("list", {"position"})
    tell(site, conversation_id=mine, versions=[2])

    assert [change["version"] for change in focused.changes(1)] == [2]
    assert [change["version"] for change in listening.changes(1)] == [2]


def all_of(*conversations: UUID) -> str:
    """Join several values of one query parameter."""
    return "&conversation=".join(map(str, conversations))


def test_several_conversations_are_sent_in_full_over_one_stream(
    live: Live, person: Person, site: MadeSite, tell: Tell
) -> None:
    one, another, other = uuid4(), uuid4(), uuid4()
    listening = live.open(person.token(site), conversation=all_of(one, another), list="1")
    focused = live.open(person.token(site), conversation=all_of(one, another))

    tell(site, conversation_id=other)
    assert listening.next().event == "list"
    tell(site, conversation_id=one, versions=[2])
    tell(site, conversation_id=another, versions=[3])

    tell(site, conversation_id=one, versions=[4])
    for reader in (listening, focused):
        assert [reader.next_version() for _ in range(3)] == [2, 3, 4]


def test_a_stream_follows_at_most_the_tabs_of_one_browser(live: Live, person: Person, site: MadeSite) -> None:
    many = [uuid4() for _ in range(MAX_FOLLOWED + 1)]
    assert live.open(person.token(site), conversation=all_of(*many[1:])).response.status == 200
    refused = live.ask(person.token(site), conversation=all_of(*many)).response
    assert (refused.status, json.loads(refused.read())["pointer"]) == (422, "/conversation")


@pytest.mark.slow
def test_many_list_notifications_are_merged(
    live: Live, person: Person, site: MadeSite, app: Flask, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "LIST_SECONDS", 0.3)
    reader = live.open(person.token(site), list="1")
    tell(site)
    hints = [reader.next()]
    everything, began = live.open(person.token(site)), time.monotonic()
    # Each is distributed separately, which may take seconds on a busy machine.
    for _ in range(20):
        tell(site)
        everything.changes(1)
    seconds = time.monotonic() - began
    while hints[-1].data["position"] != newest(app):
        hints.append(reader.next())
    assert {hint.event for hint in hints} == {"list"}
    # The first at once, then one for each interval in which more happened.
    assert 2 <= len(hints) <= 2 + seconds / stream.LIST_SECONDS + 1
    tell(site)
    assert reader.next().data["position"] == newest(app), "none came after the last one but for a new event"


def newest(app: Flask) -> str:
    with app.app_context(), engines().read.connect() as connection:
        return str(find_newest_position(connection))


@ON_POSTGRESQL
def test_late_events_of_a_slow_transaction_are_sent(
    live: Live, person: Person, app: Flask, site: MadeSite, tell: Tell
) -> None:
    reader = live.open(person.token(site))
    with app.app_context(), engines().write.connect() as slow:
        slow.begin()
        publish(slow, site.id, "vote.cast", at=clock.now(), version=1)
        tell(site, versions=[2])
        live.wait_for_look()
        slow.commit()
    assert [reader.next_version() for _ in range(2)] == [1, 2], "the second was not reported before the first"


@ON_BOTH
def test_while_the_database_is_unreachable_streams_stay_and_nothing_is_lost(
    live: Live, person: Person, site: MadeSite, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = live.open(person.token(site))
    failures: list[int] = []
    real = follower.changes_after  # type: ignore[attr-defined]

    def away(*arguments: Any) -> Any:
        if len(failures) < 2:
            failures.append(1)
            raise OperationalError("select", {}, Exception("gone"))
        return real(*arguments)

    monkeypatch.setattr(follower, "RETRY_SECONDS", 0.05)
    monkeypatch.setattr(follower, "changes_after", away)
    tell(site, versions=[5])

    assert [change["version"] for change in reader.changes(1)] == [5]
    assert len(failures) == 2


@ON_POSTGRESQL
def test_connections_that_the_database_dropped_are_replaced(
    live: Live, person: Person, app: Flask, site: MadeSite, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "RETRY_SECONDS", 0.05)
    reader = live.open(person.token(site))
    with app.app_context(), engines().write.begin() as connection:
        connection.execute(
            text(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
        )
    app.extensions["tilfreds_engines"].dispose()
    tell(site, versions=[9])
    assert [change["version"] for change in reader.changes(1)] == [9]


def test_a_closed_stream_is_removed(live: Live, person: Person, site: MadeSite, tell: Tell) -> None:
    reader = live.open(person.token(site))
    assert live.count() == 1
    reader.close()
    # A client that left is noticed when the next data is sent.
    deadline = time.monotonic() + PATIENCE_SECONDS
    while live.count() and time.monotonic() < deadline:
        tell(site)
    assert live.count() == 0


@ON_BOTH
def test_an_agent_receives_the_conversations_they_wrote_in(
    live: Live, site: MadeSite, talks: Callable[..., Talk], agent_token: Callable[..., str]
) -> None:
    token = agent_token("nora")
    own, foreign = talks(), talks()
    for talk, agent in ((own, "nora"), (foreign, "emil")):
        agent_token(agent)
        talk.say("visitor")
        talk.say("agent", agent=agent)
    reader = live.open(token)

    foreign.vote(foreign.ask(), 1)
    own.vote(own.ask(), 3)

    assert {change["conversation"] for change in reader.changes(2)} == {own.read()["id"]}


def test_a_token_of_one_conversation_opens_no_other(
    live: Live, site: MadeSite, agent_token: Callable[..., str], tell: Tell
) -> None:
    mine, other = uuid4(), uuid4()
    token = agent_token("nora", str(mine))
    reader = live.open(token)
    tell(site, conversation_id=other, versions=[1])
    tell(site, conversation_id=mine, versions=[2])
    assert [change["version"] for change in reader.changes(1)] == [2]

    for conversation_ids in (str(other), all_of(mine, other)):
        assert live.ask(token, conversation=conversation_ids).response.status == 403


@pytest.mark.slow
def test_a_client_that_reads_nothing_is_disconnected_and_nothing_is_queued_for_it(
    live: Live, person: Person, site: MadeSite, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "WRITE_TIMEOUT_SECONDS", 0.5)
    with socket.socket() as line:
        # Set on both sides before connecting, so that the system buffers no more than this in between.
        live.server.server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", live.server.port))
        headers = f"Host: 127.0.0.1\r\nAuthorization: Bearer {person.token(site)}\r\n"
        line.sendall(f"GET /live/events HTTP/1.0\r\n{headers}\r\n".encode())
        readers = live.server.app.extensions["tilfreds_follower"].open_streams
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not readers.count and time.monotonic() < deadline:
            time.sleep(0.01)
        [open_stream] = readers.streams
        most = 0
        while readers.count and time.monotonic() < deadline:
            tell(site, versions=range(500))
            most = max(most, len(open_stream.pending))
        assert readers.count == 0
        assert most <= follower.BATCH_SIZE + stream.MAX_PENDING
