"""Databases before and after they are copied."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from widget_server.backup import copies, postgresql
from widget_server.core.config import Config


def rows(config: Config) -> dict[str, int]:
    """Return the number of rows by table."""
    if config.is_sqlite:
        return dict(copies.check_sqlite(config.sqlite_path))
    with psycopg.connect(postgresql.conninfo(config.database_url)) as connection:
        return dict(postgresql.count_rows(connection))


def connect(config: Config) -> sqlite3.Connection | psycopg.Connection:
    if config.is_sqlite:
        return sqlite3.connect(config.sqlite_path, timeout=30)
    return psycopg.connect(postgresql.conninfo(config.database_url))


@contextmanager
def changing(config: Config) -> Iterator[list[int]]:
    """Add rows meanwhile, two in each transaction: a copy that cuts one in half has an odd number.

    The list gets the number of rows after each commit.
    """
    stop = threading.Event()
    committed: list[int] = []
    insert = (
        "INSERT INTO login_session"
        " (id, token_hash, link_hash, is_sign_on, user_agent, created_at, last_used_at, confirmed_at, expires_at)"
        " VALUES ('{0}', '{0}', '{0}', false, '', '2026-01-01 00:00:00', '2026-01-01 00:00:00', '2026-01-01 00:00:00',"
        " '2027-01-01 00:00:00')"
    )

    def change() -> None:
        connection = connect(config)
        number = 0
        while not stop.wait(0.002):
            for _ in range(2):
                number += 1
                connection.execute(insert.format(f"{number:032x}"))
            connection.commit()
            committed.append(number)
        connection.close()

    thread = threading.Thread(target=change)
    thread.start()
    try:
        yield committed
    finally:
        stop.set()
        thread.join()
