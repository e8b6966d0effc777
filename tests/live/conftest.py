"""A live process' application on a real port, and clients of its streams."""

from __future__ import annotations

import contextlib
import http.client
import json
import queue
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import gevent
import pytest
from flask import Flask

from tests.factories import MadeSite
from widget_server import create_app
from widget_server.accounts import live_tokens, sign_in
from widget_server.accounts.live_tokens import LiveGrant
from widget_server.accounts.models import LoginSession
from widget_server.accounts.sessions import SESSION_LIFETIME, find_login_session
from widget_server.conversations.models import Agent
from widget_server.core import clock as product_clock
from widget_server.core.config import Config
from widget_server.events.publish import publish
from widget_server.live.follower import Follower
from widget_server.live.server import Server
from widget_server.storage.db import db

from ..back_end import Api
from ..conversations.conftest import article_page, config, page, survey, talks

__all__ = ["article_page", "config", "page", "survey", "talks"]
PATIENCE_SECONDS = 10
Tell = Callable[..., None]


class LiveServer:
    """The streams of a database, as the live process serves them: in one thread, by gevent."""

    def __init__(self, config: Config) -> None:
        self.app = create_app(config, role="live")
        self.port = 0
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        assert self.ready.wait(PATIENCE_SECONDS)

    def run(self) -> None:
        self.server = Server(("127.0.0.1", 0), self.app, log=None, error_log=None)
        self.server.start()
        self.port = self.server.server_port
        self.hub = gevent.get_hub()
        self.done = self.hub.loop.async_()
        stopped = gevent.event.Event()
        self.done.start(stopped.set)
        self.ready.set()
        stopped.wait()
        self.server.stop(timeout=1)
        # Its follower ends with the thread; a listening connection that is never read would block PostgreSQL.
        self.app.extensions["tilfreds_follower"].watch.close()

    def stop(self) -> None:
        self.done.send()
        self.thread.join(PATIENCE_SECONDS)
        self.app.extensions["tilfreds_engines"].dispose()


@dataclass
class StreamEvent:
    event: str
    data: dict[str, Any]
    id: str | None


class Reader:
    """An open stream, whose frames a separate thread reads as they arrive."""

    def __init__(self, response: http.client.HTTPResponse, connection: http.client.HTTPConnection) -> None:
        self.response = response
        self.connection = connection
        self.position = ""
        self.raw: list[str] = []
        self.frames: queue.Queue[dict[str, str]] = queue.Queue()
        if (response.headers["Content-Type"] or "").startswith("text/event-stream"):
            # `next` has a deadline. One for reading would end a stream that is silent while the test prepares events.
            connection.sock.settimeout(None)
            threading.Thread(target=self.read, daemon=True).start()

    def read(self) -> None:
        fields: dict[str, str] = {}
        with contextlib.suppress(OSError, ValueError, http.client.HTTPException, AttributeError):
            while line := self.response.readline().decode():
                self.raw.append(line)
                name, _, value = line.rstrip("\n").partition(":")
                if line == "\n":
                    self.frames.put(fields)
                    fields = {}
                elif name:
                    fields[name] = value.strip()
        self.frames.put({})

    def next(self, seconds: float = PATIENCE_SECONDS) -> StreamEvent:
        """Return the next event, without comments."""
        while "event" not in (fields := self.frames.get(timeout=seconds)):
            assert fields, "the stream ended"
        self.position = fields.get("id", self.position)
        return StreamEvent(fields["event"], json.loads(fields["data"]), fields.get("id"))

    def changes(self, count: int) -> list[dict[str, Any]]:
        """Return the next events of the outbox, without list notifications."""
        events: list[dict[str, Any]] = []
        while len(events) < count:
            change_event = self.next()
            if change_event.event == "change":
                events.append(change_event.data)
        return events

    def next_version(self) -> int:
        """Return the version of the next event, which proves that no other event was sent before it."""
        change_event = self.next()
        assert change_event.event == "change", change_event
        return int(change_event.data["version"])

    def has_ended(self) -> bool:
        return self.frames.get(timeout=PATIENCE_SECONDS) == {}

    def close(self) -> None:
        if self.connection.sock:
            self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.connection.close()


class Live:
    """A client that opens streams of a server."""

    def __init__(self, server: LiveServer) -> None:
        self.server = server
        self.readers: list[Reader] = []
        #: What every request sends.
        self.headers = {"Origin": "https://shop.example"}

    def ask(self, token: str | None, method: str = "GET", path: str = "/live/events", **query: str) -> Reader:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE_SECONDS)
        headers = dict(self.headers)
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        query_string = "&".join(f"{name}={value}" for name, value in query.items())
        connection.request(method, f"{path}?{query_string}", headers=headers)
        reader = Reader(connection.getresponse(), connection)
        self.readers.append(reader)
        return reader

    def open(self, token: str, **query: str) -> Reader:
        """Open a stream and wait for its hello."""
        reader = self.ask(token, **query)
        assert reader.response.status == 200, reader.response.read()
        assert reader.next().event == "hello"
        return reader

    def count(self) -> int:
        return json.loads(self.ask(None, path="/live/health").response.read())["streams"]

    @property
    def follower(self) -> Follower:
        follower: Follower = self.server.app.extensions["tilfreds_follower"]
        return follower

    def wait_for_look(self) -> None:
        """Wait until the follower has read the outbox and so distributed all that is committed and visible."""
        looked, look = threading.Event(), self.follower.distribute_new

        def read_on() -> bool:
            is_held = look()
            looked.set()
            return is_held

        self.follower.distribute_new = read_on  # type: ignore[method-assign]
        assert looked.wait(PATIENCE_SECONDS)


@pytest.fixture
def live(config: Config) -> Iterator[Live]:
    server = LiveServer(config)
    opened = Live(server)
    yield opened
    for reader in opened.readers:
        with contextlib.suppress(OSError):
            reader.close()
    server.stop()


class Person:
    """A user who is signed in to the console, with live tokens of their pages."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        keys = app.config["SECRET_KEYS"]
        with app.app_context():
            value = sign_in.redeem_link(keys, sign_in.make_link_token(keys, product_clock.now()), product_clock.now())
            db.session.commit()
            login_session = find_login_session(value, product_clock.now(), SESSION_LIFETIME)
            assert login_session is not None
            self.session_id = login_session.id

    def token(self, site: MadeSite) -> str:
        return write(self.app, live_tokens.grant_to_session(site.id, self.session_id, product_clock.now()))

    def sign_out(self) -> None:
        with self.app.app_context():
            session = db.session.get_one(LoginSession, self.session_id)
            sign_in.sign_out(session, product_clock.now())
            db.session.commit()


def write(app: Flask, grant: LiveGrant) -> str:
    return live_tokens.write_token(app.config["SECRET_KEYS"], grant)


@pytest.fixture
def person(app: Flask) -> Person:
    return Person(app)


@pytest.fixture
def tell(app: Flask) -> Callable[..., None]:
    """Return a function that commits one event of a site for each of the versions."""

    def commit(site: MadeSite, kind: str = "vote.cast", versions: Iterable[int] = (1,), **ids: Any) -> None:
        with app.app_context():
            for version in versions:
                publish(db.session, site.id, kind, at=product_clock.now(), version=version, **ids)
            db.session.commit()

    return commit


@pytest.fixture
def agent_token(app: Flask, api: Api, site: MadeSite) -> Callable[..., str]:
    """Return a function that creates a live token of an agent, and the agent if missing."""

    def made(name: str, conversation: str | None = None) -> str:
        assert api.put(f"/agents/{name}", {"name": name.title()}).status_code == 200
        with app.app_context():
            agent_query = db.select(Agent.id).where(Agent.site_id == site.id, Agent.external_id == name)
            agent_id = db.session.scalars(agent_query).one()
        conversation_id = UUID(conversation) if conversation else None
        return write(app, live_tokens.grant_to_agent(site.id, agent_id, conversation_id, product_clock.now()))

    return made
