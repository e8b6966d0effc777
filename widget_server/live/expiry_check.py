"""Ends streams whose grant is over while nothing happens that would have them looked at."""

from __future__ import annotations

import sqlite3

import gevent
from sqlalchemy.exc import SQLAlchemyError

from ..core import clock
from ..storage.engines import Engines
from .access import ValidGrants
from .subscriptions import OpenStreams

#: Somebody who signed out, or whose tokens were revoked, is told no more after at most twice as long.
CHECK_SECONDS = 2.0


class ExpiryCheck:
    """Runs as a greenlet while there are streams: one query of each kind for all of them."""

    def __init__(self, engines: Engines, open_streams: OpenStreams) -> None:
        self.engines = engines
        self.open_streams = open_streams
        self.greenlet: gevent.Greenlet | None = None

    def begin(self) -> None:
        if self.greenlet is None or self.greenlet.dead:
            self.greenlet = gevent.spawn(self.run)

    def run(self) -> None:
        while self.open_streams.count:
            gevent.sleep(CHECK_SECONDS)
            try:
                self.end_expired()
            except (SQLAlchemyError, sqlite3.Error):
                # The follower says that the database is away; no event can be told meanwhile.
                continue

    def end_expired(self) -> None:
        streams = list(self.open_streams.streams)
        with self.engines.read.connect() as connection:
            valid_grants = ValidGrants(connection, {stream.grant for stream in streams}, clock.now())
        for stream in streams:
            if stream.grant not in valid_grants:
                stream.end("signed_out")
