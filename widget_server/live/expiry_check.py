"""Closes streams whose grant expired or was revoked while no events arrive."""

from __future__ import annotations

import sqlite3

import gevent
from sqlalchemy.exc import SQLAlchemyError

from ..core import clock
from ..storage.engines import Engines
from .access import ValidGrants
from .subscriptions import OpenStreams

#: A stream receives nothing more at most twice this time after its user signed out or its token was revoked.
CHECK_SECONDS = 2.0


class ExpiryCheck:
    """A greenlet that runs while streams are open, with one query of each kind for all of them."""

    def __init__(self, engines: Engines, open_streams: OpenStreams) -> None:
        self.engines = engines
        self.open_streams = open_streams
        self.greenlet: gevent.Greenlet | None = None

    def start(self) -> None:
        if self.greenlet is None or self.greenlet.dead:
            self.greenlet = gevent.spawn(self.run)

    def run(self) -> None:
        while self.open_streams.count:
            gevent.sleep(CHECK_SECONDS)
            try:
                self.end_expired()
            except (SQLAlchemyError, sqlite3.Error):
                # The follower logs that the database is unreachable; no event can be sent meanwhile.
                continue

    def end_expired(self) -> None:
        streams = list(self.open_streams.streams)
        with self.engines.read.connect() as connection:
            valid_grants = ValidGrants(connection, {stream.grant for stream in streams}, clock.now())
        for stream in streams:
            if stream.grant not in valid_grants:
                stream.end("signed_out")
