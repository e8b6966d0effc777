"""While another connection locks the database, callers wait briefly and get 503 with Retry-After, never a 500."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest
from flask import Flask

from tests.conftest import Api
from tests.databases import ON_BOTH
from tests.factories import ORIGIN, MadeSite, Make
from tests.postgres import Postgres
from widget_server import create_app
from widget_server.core.config import Config
from widget_server.storage import engines, sqlite

#: In place of the product's 5 seconds, which the test that waits to the end would only spend.
SHORT_WAIT_SECONDS = 1
#: A caller waits first for the writing connection, which another writer may return at the last moment, and then for
#: the database.
MAX_WAIT_SECONDS = 2 * SHORT_WAIT_SECONDS
#: The additional wait on a loaded machine.
SLACK_SECONDS = 2.5


@contextmanager
def lock_database(config: Config, request: pytest.FixtureRequest) -> Iterator[None]:
    """Keep a writing transaction open on another connection."""
    if config.is_sqlite:
        with closing(sqlite3.connect(config.sqlite_path, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
        return
    server: Postgres = request.getfixturevalue("postgres")
    with psycopg.connect(host=str(server.folder), user="tilfreds", dbname="shared") as connection:
        connection.execute("LOCK TABLE site, conversation, vote, subject IN ACCESS EXCLUSIVE MODE")
        yield


@pytest.fixture
def app(request: pytest.FixtureRequest, config: Config, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Yield an application whose connections wait as long as the parameter says, else as long as usual."""
    for module in (engines, sqlite):
        monkeypatch.setattr(module, "LOCK_WAIT_SECONDS", getattr(request, "param", sqlite.LOCK_WAIT_SECONDS))
    app = create_app(config)
    yield app
    app.extensions["tilfreds_engines"].dispose()


@pytest.fixture
def writes(app: Flask, make: Make, site: MadeSite) -> list[Callable[[], Any]]:
    """Return one call of each kind that writes. Impressions are summed first, so they do not wait."""
    revision = str(make.survey(site, "article").revision)
    vote = {"kind": "article", "subject": "/returns", "id": "A" * 22, "rev": 1, "age_ms": 0, "revision": revision}
    page = {"Origin": ORIGIN}
    return [
        lambda: app.test_client().post(f"/w/{site.key}/votes", json={**vote, "score": 3}, headers=page),
        lambda: Api(app.test_client(), site.api_key).put("/conversations/c1", {}),
        lambda: Api(app.test_client(), site.api_key).put("/agents/anna", {"name": "Anna"}),
    ]


def measure(call: Callable[[], Any]) -> tuple[int, float, Any]:
    start_time = time.monotonic()
    response = call()
    return response.status_code, time.monotonic() - start_time, response


@pytest.mark.slow
@ON_BOTH
@pytest.mark.parametrize("app", [SHORT_WAIT_SECONDS], indirect=True, ids=["short wait"])
def test_writers_wait_and_get_a_retry_after(
    config: Config, request: pytest.FixtureRequest, writes: list[Callable[[], Any]]
) -> None:
    with lock_database(config, request), ThreadPoolExecutor(len(writes)) as threads:
        results = list(threads.map(measure, writes))
    for status, seconds, response in results:
        assert status == 503, response.get_data(as_text=True)
        assert response.get_json()["code"] == "unavailable"
        assert int(response.headers["Retry-After"]) > 0
        assert seconds < MAX_WAIT_SECONDS + SLACK_SECONDS
    assert max(seconds for _, seconds, _ in results) > SHORT_WAIT_SECONDS - 0.2
    for call in writes:
        assert call().status_code < 300


@ON_BOTH
def test_a_writer_continues_once_the_lock_is_released(
    config: Config, request: pytest.FixtureRequest, writes: list[Callable[[], Any]]
) -> None:
    with ThreadPoolExecutor(1) as threads:
        with lock_database(config, request):
            pending_write = threads.submit(measure, writes[0])
            # Only waiting can show that it does not continue.
            time.sleep(0.2)
            assert not pending_write.done()
        status, seconds, _ = pending_write.result(timeout=10)
    assert status == 200
    assert seconds < sqlite.LOCK_WAIT_SECONDS


def test_readers_of_sqlite_do_not_wait(
    config: Config, request: pytest.FixtureRequest, app: Flask, site: MadeSite
) -> None:
    with lock_database(config, request):
        assert measure(lambda: app.test_client().get(f"/w/{site.key}.js"))[0] == 200
