"""Calls at the same time, and calls that wait for another."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import text

from widget_server.storage.engines import Engines

Result = TypeVar("Result")
SECONDS = 30


def at_once(calls: Sequence[Callable[[], Result]]) -> list[Result]:
    """Run calls that all start together, and return their results in the order of `calls`."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Result]) -> Result:
        barrier.wait(SECONDS)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls, timeout=SECONDS))


def wait_until_blocked(app: Flask, call: Future[Any]) -> None:
    """Return once a call waits for a lock that another connection of the application holds, or has ended."""
    engines: Engines = app.extensions["tilfreds_engines"]
    deadline = time.monotonic() + SECONDS
    while not (is_one_blocked(engines) or call.done()):
        assert time.monotonic() < deadline, "the call neither waits for a lock nor ends"
        time.sleep(0.002)


def is_one_blocked(engines: Engines) -> bool:
    """Return whether a thread waits for SQLite's one writing connection, or a connection for a lock of PostgreSQL."""
    if engines.is_sqlite:
        queue: Any = engines.write.pool._pool  # type: ignore[attr-defined]
        return bool(queue.not_empty._waiters)
    with engines.read.connect() as connection:
        query = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        return connection.execute(text(query)).scalar_one() > 0
