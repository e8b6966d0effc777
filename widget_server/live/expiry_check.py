"""Ends streams whose grant is over while nothing happens that would have them looked at."""

from __future__ import annotations

import sqlite3

import gevent
from sqlalchemy.exc import SQLAlchemyError

from ..core import clock
from ..storage.engines import Engines
from .access import Standing
from .subscriptions import Readers

#: Somebody who signed out, or whose tokens were revoked, is told no more after at most twice as long.
CHECK_SECONDS = 2.0


class Patrol:
    """Runs as a greenlet while there are streams: one query of each kind for all of them."""

    def __init__(self, engines: Engines, readers: Readers) -> None:
        self.engines = engines
        self.readers = readers
        self.greenlet: gevent.Greenlet | None = None

    def begin(self) -> None:
        if self.greenlet is None or self.greenlet.dead:
            self.greenlet = gevent.spawn(self.run)

    def run(self) -> None:
        while self.readers.count:
            gevent.sleep(CHECK_SECONDS)
            try:
                self.check()
            except (SQLAlchemyError, sqlite3.Error):
                # The follower says that the database is away; no event can be told meanwhile.
                continue

    def check(self) -> None:
        streams = list(self.readers.streams)
        with self.engines.read.connect() as connection:
            standing = Standing(connection, {stream.grant for stream in streams}, clock.now())
        for stream in streams:
            if stream.grant not in standing:
                stream.end("signed_out")
