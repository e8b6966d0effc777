"""A profile of one vote in microseconds, in one process without a server: `python -m benchmarks.parts`.

The figures are processor time of one thread, the median of many presses. A part includes those indented below it.
"""

from __future__ import annotations

import functools
import io
import json
import logging
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask

from tests.serving import UNLIMITED
from widget_server import create_app
from widget_server.core import clock, tokens
from widget_server.core.config import Config
from widget_server.migrations import run as migrations
from widget_server.ratings import service, tallies
from widget_server.web import rate_limits
from widget_server.widget import votes

from . import empty
from .product import ORIGIN, SECRET, fill_database

PRESSES = 2000
#: (name of the part, owner and attribute of its function)
PARTS: list[tuple[str, Any, str]] = [
    ("the whole request, without a server", Flask, "wsgi_app"),
    ("  the view", Flask, "dispatch_request"),
    ("    limits", rate_limits, "hit"),
    ("    body: read, parsed, checked", votes, "read_body"),
    ("    the submission", votes, "_submission_of"),
    ("    the commit, its work inside", votes.group_commit, "commit"),  # type: ignore[attr-defined]
    ("      site, and whether its page may", votes, "site_settings"),
    ("      subject", votes, "ensure_subject"),
    ("      the vote", votes, "save_vote"),
    ("        the existing vote", service, "find_vote"),
    ("        row, history, counts, event", service, "_add_vote"),
    ("          counts", tallies, "move_vote"),
    ("          event", service, "publish"),
    ("    the receipt", votes, "receipt_out"),
    ("  the answer: headers, log, metrics", Flask, "finalize_request"),
]


class PartTimer:
    """A timer of each part, in nanoseconds per call."""

    def __init__(self) -> None:
        self.durations: dict[str, list[int]] = defaultdict(list)

    def install(self) -> None:
        for name, owner, attribute in PARTS:
            setattr(owner, attribute, self._wrap(name, getattr(owner, attribute)))

    def _wrap(self, name: str, part: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(part)
        def timed_part(*arguments: Any, **keywords: Any) -> Any:
            started_at = time.thread_time_ns()
            try:
                return part(*arguments, **keywords)
            finally:
                self.durations[name].append(time.thread_time_ns() - started_at)

        return timed_part


def make_environ(path: str, body: bytes) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_ORIGIN": ORIGIN,
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
    }


def post(app: Flask, path: str, body: dict[str, Any]) -> None:
    statuses: list[str] = []

    def start_response(status: str, *_: Any) -> Any:
        statuses.append(status)

    b"".join(app.wsgi_app(make_environ(path, json.dumps(body).encode()), start_response))
    assert statuses == ["200 OK"], statuses


def main() -> None:
    logging.basicConfig(stream=Path(os.devnull).open("w"), level=logging.INFO)  # noqa: SIM115
    with tempfile.TemporaryDirectory(prefix="tilfreds-parts-") as name:
        url = os.environ.get("DATABASE_URL") or f"sqlite:///{name}/parts.sqlite3"
        config = Config(data_dir=Path(name), database_url=url, secret_keys=(SECRET.encode(),), **UNLIMITED)
        migrations.upgrade(url)
        site = fill_database(config, 0)
        app = create_app(config)
        body = {"kind": "article", "subject": "/help", "rev": 1, "score": 3, "revision": site.article_revision}
        timer = PartTimer()
        timer.install()
        for number in range(PRESSES):
            if number == PRESSES // 10:
                timer.durations.clear()
            post(app, f"/w/{site.key}/votes", {**body, "id": tokens.random_text(16)})
        vote_durations = dict(timer.durations)
        timer.durations.clear()
        yardstick = empty.make_app()
        for _ in range(PRESSES):
            post(yardstick, "/w/key/votes", body)
        print(f"{clock.now():%Y-%m-%d}, {url.partition(':')[0]}, microseconds of one press under an article")
        for name, *_ in PARTS:
            calls_per_press = len(vote_durations[name]) / len(vote_durations[PARTS[0][0]])
            print(f"{statistics.median(vote_durations[name]) / 1000 * calls_per_press:8.0f}  {name}")
        print(f"{statistics.median(timer.durations[PARTS[0][0]]) / 1000:8.0f}  an empty route")


if __name__ == "__main__":
    main()
