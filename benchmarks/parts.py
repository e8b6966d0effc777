"""Where the microseconds of a vote go, in one process and without a server: `python -m benchmarks.parts`.

Processor time of one thread, the median of many presses; a part holds the parts that are indented below it.
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
from .product import ORIGIN, SECRET, fill

PRESSES = 2000
#: Name of the part, and where it lies.
PARTS: list[tuple[str, Any, str]] = [
    ("the whole request, without a server", Flask, "wsgi_app"),
    ("  the view", Flask, "dispatch_request"),
    ("    limits", rate_limits, "hit"),
    ("    body: read, parsed, checked", votes, "body"),
    ("    the submission", votes, "_submission_of"),
    ("    the commit, its work inside", votes.group_commit, "commit"),  # type: ignore[attr-defined]
    ("      site, and whether its page may", votes, "site_settings"),
    ("      subject", votes, "ensure_subject"),
    ("      the vote", votes, "save_vote"),
    ("        what stands", service, "vote_of"),
    ("        row, history, counts, event", service, "_add"),
    ("          counts", tallies, "move_vote"),
    ("          event", service, "publish"),
    ("    the receipt", votes, "receipt_out"),
    ("  the answer: headers, log, metrics", Flask, "finalize_request"),
]


class Timed:
    """Notes how long each part takes while it is in place."""

    def __init__(self) -> None:
        self.took: dict[str, list[int]] = defaultdict(list)

    def put(self) -> None:
        for name, owner, attribute in PARTS:
            setattr(owner, attribute, self._timed(name, getattr(owner, attribute)))

    def _timed(self, name: str, part: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(part)
        def timed(*arguments: Any, **named: Any) -> Any:
            began = time.thread_time_ns()
            try:
                return part(*arguments, **named)
            finally:
                self.took[name].append(time.thread_time_ns() - began)

        return timed


def environ(path: str, body: bytes) -> dict[str, Any]:
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

    def start(status: str, *_: Any) -> Any:
        statuses.append(status)

    b"".join(app.wsgi_app(environ(path, json.dumps(body).encode()), start))
    assert statuses == ["200 OK"], statuses


def main() -> None:
    logging.basicConfig(stream=Path(os.devnull).open("w"), level=logging.INFO)  # noqa: SIM115
    with tempfile.TemporaryDirectory(prefix="tilfreds-parts-") as name:
        url = os.environ.get("DATABASE_URL") or f"sqlite:///{name}/parts.sqlite3"
        config = Config(data_dir=Path(name), database_url=url, secret_keys=(SECRET.encode(),), **UNLIMITED)
        migrations.upgrade(url)
        filled = fill(config, 0)
        app = create_app(config)
        body = {"kind": "article", "subject": "/help", "rev": 1, "score": 3, "revision": filled.article_revision}
        timed = Timed()
        timed.put()
        for number in range(PRESSES):
            if number == PRESSES // 10:
                timed.took.clear()
            post(app, f"/w/{filled.key}/votes", {**body, "id": tokens.random_text(16)})
        ours = dict(timed.took)
        timed.took.clear()
        yardstick = empty.make()
        for _ in range(PRESSES):
            post(yardstick, "/w/key/votes", body)
        print(f"{clock.now():%Y-%m-%d}, {url.partition(':')[0]}, microseconds of one press under an article")
        for name, *_ in PARTS:
            each = len(ours[name]) / len(ours[PARTS[0][0]])
            print(f"{statistics.median(ours[name]) / 1000 * each:8.0f}  {name}")
        print(f"{statistics.median(timed.took[PARTS[0][0]]) / 1000:8.0f}  an empty route")


if __name__ == "__main__":
    main()
