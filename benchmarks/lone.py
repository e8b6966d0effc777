"""The time of a vote that arrives alone, compared with an empty route and a durable commit."""

from __future__ import annotations

import http.client
import json
import os
import sqlite3
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from tests.widget.conftest import press_id

from . import empty, product
from .table import Row

CALLS = 200
MAX_ADDED_MS = 2.5


def measure(folder: Path) -> Row:
    """Measure the three in turn, call by call, so that a busy moment affects all of them."""
    with empty.running() as empty_url, product.running(folder / "lone") as running_product:
        vote, nothing = Caller(running_product.votes_url), Caller(empty_url)
        revision = running_product.article_revision
        with closing(open_database(folder / "raw.sqlite3")) as database:
            times: dict[str, list[float]] = {"vote": [], "empty": [], "commit": []}
            for _ in range(CALLS):
                body = {"kind": "article", "subject": "/help", "rev": 1, "score": 3, "revision": revision}
                text = json.dumps({**body, "id": press_id()})
                times["vote"].append(take_time(partial(vote.post, text)))
                times["empty"].append(take_time(partial(nothing.post, text)))
                times["commit"].append(take_time(partial(commit_row, database)))
    vote_ms, empty_ms, commit_ms = (statistics.median(times[name]) for name in ("vote", "empty", "commit"))
    added_ms = vote_ms - empty_ms - commit_ms
    return Row(
        "A lone vote, SQLite FULL",
        f"{vote_ms:.1f} ms: {added_ms:.1f} ms more than empty route ({empty_ms:.1f}) plus raw commit ({commit_ms:.1f})",
        f"at most {MAX_ADDED_MS} ms more",
        added_ms <= MAX_ADDED_MS,
    )


class Caller:
    """A kept connection to one address."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.path = parts.path
        self.connection = http.client.HTTPConnection(str(parts.hostname), parts.port)

    def post(self, body: str) -> None:
        headers = {"Content-Type": "text/plain", "Origin": product.ORIGIN}
        self.connection.request("POST", self.path, body, headers)
        response = self.connection.getresponse()
        response.read()
        assert response.status == 200, response.status


def take_time(action: Callable[[], None]) -> float:
    """Return the milliseconds that an action takes."""
    started_at = time.perf_counter()
    action()
    return (time.perf_counter() - started_at) * 1000


def open_database(path: Path) -> sqlite3.Connection:
    """Open a database with the settings that make the product's commits durable."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE row (content BLOB)")
    return database


def commit_row(database: sqlite3.Connection) -> None:
    database.execute("INSERT INTO row VALUES (?)", (os.urandom(500),))
