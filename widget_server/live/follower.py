"""The follower of a process, which reads new outbox events and distributes each batch to the permitted streams."""

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

RETRY_SECONDS = 1.0
BATCH_SIZE = 1000
#: The number of streams that start at the same time. When all clients reconnect after a restart, this leaves a
#: database connection for the follower, and no start waits so long for a connection that it fails.
MAX_STARTING_STREAMS = 4


class Follower:
    """A greenlet that runs while streams are open."""

    def __init__(self, engines: Engines) -> None:
        self.engines = engines
        self.watch = SqliteWatch(engines.read) if engines.is_sqlite else PostgresWatch(engines.direct)
        self.open_streams = OpenStreams()
        self.start_slots = BoundedSemaphore(MAX_STARTING_STREAMS)
        self.position = START
        self.expiry_check = ExpiryCheck(engines, self.open_streams)
        self.greenlet: gevent.Greenlet | None = None

    def add(self, stream: Stream) -> None:
        """Offer the stream every event from now on; `catch_up` reads the earlier ones."""
        if not self.open_streams.count:
            # Without open streams the follower paused, so it skips to the newest event; `catch_up` reads the rest.
            with self.engines.read.connect() as connection:
                newest_position = find_newest_position(connection)
            # Another stream may have been added during the query; it needs every event since it was added.
            if not self.open_streams.count:
                self.position = max(self.position, newest_position)
        if self.greenlet is None or self.greenlet.dead:
            self.greenlet = gevent.spawn(self.run)
        self.open_streams.add(stream)
        self.expiry_check.start()

    def remove(self, stream: Stream) -> None:
        self.open_streams.remove(stream)

    def catch_up(self, stream: Stream, after: Position | None) -> bool:
        """Start a stream after a position, or from now on.

        Returns False if the position is too old or from another database, so that the client must reload.
        """
        with self.start_slots, self.engines.read.connect() as connection:
            newest = find_newest_position(connection)
            start = after or newest
            changes = [] if start == newest else changes_after(connection, start, BATCH_SIZE)
            is_known = start == newest or (start < newest and len(changes) < BATCH_SIZE and is_kept(connection, start))
            site_changes = [c for c in changes if is_known and c.site_id == stream.grant.site_id]
            valid_grants = ValidGrants(connection, [stream.grant], clock.now())
            visible_changes = self.filter_visible(
                connection, valid_grants, stream, [c for c in site_changes if stream.subscription.includes(c)]
            )
        stream.start(start if is_known else newest, visible_changes, newest)
        if (
            stream.subscription.follows_list
            and valid_grants.sees_current(stream.grant)
            and not all(map(stream.subscription.includes, site_changes))
        ):
            stream.notify_list()
        return is_known

    def run(self) -> None:
        is_held = False
        while self.open_streams.count:
            try:
                if self.watch.wait(is_held):
                    previous_position = self.position
                    is_held = self.distribute_new()
                    self.watch.check_connection(self.position != previous_position)
            except (SQLAlchemyError, OSError, sqlite3.Error) as error:
                # Clients keep their streams and positions, and receive what they missed when the database is back.
                log.error("live: the database cannot be reached: %s", type(error).__name__)
                self.watch.close()
                gevent.sleep(RETRY_SECONDS)
            except Exception:
                # A bug must not end the greenlet, because all streams depend on it.
                log.exception("live: a batch of events failed and will be retried")
                self.watch.close()
                gevent.sleep(RETRY_SECONDS)
        self.watch.close()

    def distribute_new(self) -> bool:
        """Read and distribute all readable events. Returns whether a running transaction holds back more."""
        while True:
            with self.engines.read.connect() as connection:
                changes = changes_after(connection, self.position, BATCH_SIZE)
                if changes:
                    self.distribute(connection, changes)
                    self.position = changes[-1].position
                if len(changes) < BATCH_SIZE:
                    return is_held_back(connection, self.position)
            gevent.sleep(0)

    def distribute(self, connection: Connection, changes: Sequence[Change]) -> None:
        changes_by_stream = self.open_streams.group_by_stream(changes)
        list_streams = self.open_streams.find_changed_lists(changes)
        grants = {stream.grant for stream in (*changes_by_stream, *list_streams)}
        valid_grants = ValidGrants(connection, grants, clock.now())
        for stream, stream_changes in changes_by_stream.items():
            if stream.grant in valid_grants:
                stream.offer(self.filter_visible(connection, valid_grants, stream, stream_changes))
            else:
                stream.end("signed_out")
        for stream in list_streams:
            if stream.grant in valid_grants:
                if valid_grants.sees_current(stream.grant):
                    stream.notify_list()
            else:
                stream.end("signed_out")

    def filter_visible(
        self, connection: Connection, valid_grants: ValidGrants, stream: Stream, changes: list[Change]
    ) -> list[Change]:
        """Return the changes that the stream's grant may see; agents see the conversations that their token opens."""
        grant = stream.grant
        if grant.agent_id is None:
            return changes
        conversation_ids = {c.conversation_id for c in changes if c.conversation_id}
        visible_ids = valid_grants.find_visible(connection, grant, conversation_ids)
        return [change for change in changes if change.conversation_id in visible_ids]

    def is_valid(self, grant: LiveGrant) -> bool:
        with self.start_slots, self.engines.read.connect() as connection:
            return grant in ValidGrants(connection, [grant], clock.now())
