"""While somebody else holds the database, callers wait a moment and are told to come again; it is never a fault."""

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
from widget_server.core.config import Config
from widget_server.storage.sqlite import LOCK_WAIT_SECONDS

#: First for the one connection of the process that writes, which another writer may leave at the last moment, then for
#: the database.
MAX_WAIT_SECONDS = 2 * LOCK_WAIT_SECONDS
#: What a loaded machine may add to a wait.
SLACK_SECONDS = 2.5


@contextmanager
def held(config: Config, request: pytest.FixtureRequest) -> Iterator[None]:
    """Another connection writes and does not end."""
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
def writes(app: Flask, make: Make, site: MadeSite) -> list[Callable[[], Any]]:
    """One call of each kind that writes."""
    revision = str(make.survey(site, "article").revision)
    vote = {"kind": "article", "subject": "/returns", "id": "A" * 22, "rev": 1, "age_ms": 0, "revision": revision}
    page = {"Origin": ORIGIN}
    return [
        lambda: app.test_client().post(f"/w/{site.key}/votes", json={**vote, "score": 3}, headers=page),
        lambda: app.test_client().post(f"/w/{site.key}/seen", json={"kind": "article", "subject": "/"}, headers=page),
        lambda: Api(app.test_client(), site.api_key).put("/conversations/c1", {}),
        lambda: Api(app.test_client(), site.api_key).put("/agents/anna", {"name": "Anna"}),
    ]


def timed(call: Callable[[], Any]) -> tuple[int, float, Any]:
    started = time.monotonic()
    answer = call()
    return answer.status_code, time.monotonic() - started, answer


@ON_BOTH
def test_writers_wait_and_are_told_to_come_again(
    config: Config, request: pytest.FixtureRequest, writes: list[Callable[[], Any]]
) -> None:
    with held(config, request), ThreadPoolExecutor(len(writes)) as threads:
        answers = list(threads.map(timed, writes))
    for status, seconds, answer in answers:
        assert status == 503, answer.get_data(as_text=True)
        assert answer.get_json()["code"] == "unavailable"
        assert int(answer.headers["Retry-After"]) > 0
        assert seconds < MAX_WAIT_SECONDS + SLACK_SECONDS
    assert max(seconds for _, seconds, _ in answers) > LOCK_WAIT_SECONDS - 1
    for call in writes:
        assert call().status_code < 300


@ON_BOTH
def test_a_writer_goes_on_as_soon_as_it_may(
    config: Config, request: pytest.FixtureRequest, writes: list[Callable[[], Any]]
) -> None:
    with ThreadPoolExecutor(1) as threads:
        with held(config, request):
            waiting = threads.submit(timed, writes[0])
            # Only time can show that it does not go on.
            time.sleep(0.2)
            assert not waiting.done()
        status, seconds, _ = waiting.result(timeout=10)
    assert status == 200
    assert seconds < LOCK_WAIT_SECONDS


def test_readers_of_sqlite_do_not_wait(
    config: Config, request: pytest.FixtureRequest, app: Flask, site: MadeSite
) -> None:
    with held(config, request):
        assert timed(lambda: app.test_client().get(f"/w/{site.key}.js"))[0] == 200
