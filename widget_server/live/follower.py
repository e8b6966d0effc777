"""The one follower of a process: reads the outbox as it grows and hands each batch to the streams that may have it."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Sequence

import gevent
from gevent.lock import BoundedSemaphore
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from ..accounts.live_tokens import LiveGrant
from ..core import clock
from ..events.outbox_reader import START, Change, Position, changes_after, find_newest_position, is_held_back, is_kept
from ..storage.engines import Engines
from .access import ValidGrants
from .change_source import PostgresWatch, SqliteWatch
from .expiry_check import ExpiryCheck
from .stream import Stream
from .subscriptions import OpenStreams

log = logging.getLogger("tilfreds.live")

AWAY_SECONDS = 1.0
BATCH = 1000
#: So many streams begin at a time, the others in their turn. Where all readers come back at once, after a restart, a
#: connection is left for the follower, and nobody waits for one so long that they are sent away.
ENTRANTS = 4


class Follower:
    """Runs as a greenlet while there are streams."""

    def __init__(self, engines: Engines) -> None:
        self.engines = engines
        self.watch = SqliteWatch(engines.read) if engines.is_sqlite else PostgresWatch(engines.read)
        self.open_streams = OpenStreams()
        self.entrance = BoundedSemaphore(ENTRANTS)
        self.position = START
        self.expiry_check = ExpiryCheck(engines, self.open_streams)
        self.greenlet: gevent.Greenlet | None = None

    def add(self, stream: Stream) -> None:
        """From here on the stream is offered every event; what came before it reads itself (`catch_up`)."""
        if not self.open_streams.count:
            # Nobody was listening: what happened meanwhile is read by those who ask for it.
            with self.engines.read.connect() as connection:
                newest = find_newest_position(connection)
            # While that was read another stream may have begun, which is owed all from its own start on.
            if not self.open_streams.count:
                self.position = max(self.position, newest)
        if self.greenlet is None or self.greenlet.dead:
            self.greenlet = gevent.spawn(self.run)
        self.open_streams.add(stream)
        self.expiry_check.begin()

    def remove(self, stream: Stream) -> None:
        self.open_streams.remove(stream)

    def catch_up(self, stream: Stream, after: Position | None) -> bool:
        """Start a stream after a position, or from now on. False when that is too far back or of another database."""
        with self.entrance, self.engines.read.connect() as connection:
            newest = find_newest_position(connection)
            start = after or newest
            changes = [] if start == newest else changes_after(connection, start, BATCH)
            known = start == newest or (start < newest and len(changes) < BATCH and is_kept(connection, start))
            own = [c for c in changes if known and c.site_id == stream.grant.site_id]
            valid_grants = ValidGrants(connection, [stream.grant], clock.now())
            allowed = self.allowed(
                connection, valid_grants, stream, [c for c in own if stream.subscription.includes(c)]
            )
        stream.start(start if known else newest, allowed, newest)
        if (
            stream.subscription.follows_list
            and valid_grants.sees_current(stream.grant)
            and not all(map(stream.subscription.includes, own))
        ):
            stream.notify_list()
        return known

    def run(self) -> None:
        is_held = False
        while self.open_streams.count:
            try:
                if self.watch.wait(is_held):
                    before = self.position
                    is_held = self.read_on()
                    self.watch.adapt(self.position != before)
            except (SQLAlchemyError, OSError, sqlite3.Error) as error:
                # Readers keep their streams and their place; what they miss is told when the database is back.
                log.error("live: the database is away: %s", type(error).__name__)
                self.watch.close()
                gevent.sleep(AWAY_SECONDS)
            except Exception:
                # A mistake of ours is no reason to leave the streams without anybody who follows for them.
                log.exception("live: a batch of events failed, and is tried again")
                self.watch.close()
                gevent.sleep(AWAY_SECONDS)
        self.watch.close()

    def read_on(self) -> bool:
        """Read and hand out all that can be read; whether more is there that cannot be yet."""
        while True:
            with self.engines.read.connect() as connection:
                changes = changes_after(connection, self.position, BATCH)
                if changes:
                    self.hand_out(connection, changes)
                    self.position = changes[-1].position
                if len(changes) < BATCH:
                    return is_held_back(connection, self.position)
            gevent.sleep(0)

    def hand_out(self, connection: Connection, changes: Sequence[Change]) -> None:
        followed, lists = self.open_streams.by_stream(changes), self.open_streams.lists_changed_by(changes)
        valid_grants = ValidGrants(connection, {stream.grant for stream in (*followed, *lists)}, clock.now())
        for stream, own in followed.items():
            if stream.grant in valid_grants:
                stream.offer(self.allowed(connection, valid_grants, stream, own))
            else:
                stream.end("signed_out")
        for stream in lists:
            if stream.grant in valid_grants:
                if valid_grants.sees_current(stream.grant):
                    stream.notify_list()
            else:
                stream.end("signed_out")

    def allowed(
        self, connection: Connection, valid_grants: ValidGrants, stream: Stream, changes: list[Change]
    ) -> list[Change]:
        """What its grant may be told: an agent hears of the conversations that the token opens."""
        grant = stream.grant
        if grant.agent_id is None:
            return changes
        opened = valid_grants.opened_to(connection, grant, {c.conversation_id for c in changes if c.conversation_id})
        return [change for change in changes if change.conversation_id in opened]

    def is_valid(self, grant: LiveGrant) -> bool:
        with self.entrance, self.engines.read.connect() as connection:
            return grant in ValidGrants(connection, [grant], clock.now())
