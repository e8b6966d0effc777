"""The ratings of a conversation with many messages, as an agent's page in the helpdesk reads them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from statistics import quantiles
from typing import Any

from flask.testing import FlaskClient

from tests.postgres import Postgres
from widget_server import create_app
from widget_server.accounts.service import create_api_key
from widget_server.core.config import Config
from widget_server.migrations import run as migrations
from widget_server.storage.db import db

from . import product
from .saving import analyze
from .table import Row

MESSAGES, SEGMENTS, BATCH = 10_000, 20, 100
CALLS = 40
MAX_MS = 100
PATH = "/api/v1/conversations/long"


def on_sqlite(folder: Path) -> Row:
    path = folder / "long.sqlite3"
    try:
        return measure(folder, f"sqlite:///{path}", "SQLite")
    finally:
        path.unlink(missing_ok=True)


def on_postgresql(folder: Path) -> Row:
    server = Postgres()
    try:
        return measure(folder, server.create("long"), "PostgreSQL")
    finally:
        server.end()


def measure(folder: Path, url: str, database: str) -> Row:
    """Fill a conversation with ended segments and an open one, and measure its ratings in this process."""
    config = Config(data_dir=folder, database_url=url, secret_keys=(product.SECRET.encode(),))
    migrations.upgrade(url)
    site = product.fill_database(config, 0)
    app = create_app(config)
    client = app.test_client()
    with app.app_context():
        _, secret = create_api_key(site.site_id, "bench", ["read", "write", "agent_tokens"], created_by="bench")
        db.session.commit()
    headers = {"Authorization": f"Bearer {secret}"}
    token = fill(client, headers)
    if not config.is_sqlite:
        analyze(url)
    milliseconds = [read_ratings(client, token) for _ in range(CALLS)]
    app.extensions["tilfreds_engines"].dispose()
    p95 = quantiles(milliseconds, n=20)[-1]
    return Row(
        f"Ratings of a conversation of {MESSAGES:,} messages and {SEGMENTS} segments, {database}",
        f"p95 {p95:.0f} ms, longest {max(milliseconds):.0f} ms",
        f"p95 at most {MAX_MS} ms",
        p95 <= MAX_MS,
    )


def fill(client: FlaskClient, headers: dict[str, str]) -> str:
    """Create the conversation and return an agent token that opens it."""
    send(client, "PUT", PATH, {}, headers)
    for first in range(0, MESSAGES, BATCH):
        messages = [
            {
                "external_id": f"m{number}",
                "author": "visitor" if number % 2 else "agent",
                "text": f"Message {number} of a long conversation",
                **({} if number % 2 else {"agent": "bench"}),
            }
            for number in range(first, first + BATCH)
        ]
        send(client, "POST", f"{PATH}/messages", {"messages": messages}, headers)
        is_end = (first // BATCH) % (MESSAGES // BATCH // SEGMENTS) == MESSAGES // BATCH // SEGMENTS - 1
        if is_end and first + BATCH < MESSAGES:
            send(client, "POST", f"{PATH}/end", {}, headers)
    token: str = send(client, "POST", "/api/v1/agent-tokens", {"agent": "bench"}, headers)["token"]
    return token


def send(client: FlaskClient, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
    response = client.open(path, method=method, json=body, headers=headers)
    assert response.status_code < 300, response.get_data(as_text=True)
    return response.get_json()


def read_ratings(client: FlaskClient, token: str) -> float:
    """Read the ratings and return the milliseconds that it took."""
    started_at = time.perf_counter()
    response = client.get("/agent/ratings?conversation=long", headers={"Authorization": f"Bearer {token}"})
    milliseconds = (time.perf_counter() - started_at) * 1000
    assert response.status_code == 200 and len(json.loads(response.data)["ratings"]) == SEGMENTS
    return milliseconds
