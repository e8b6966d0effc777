"""The console answers 503 while the database is busy or unreachable."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import DatabaseError

from tests.databases import ON_BOTH
from widget_server.storage.engines import Engines

from .conftest import Console, Desk


@pytest.fixture
def all_taken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Take every connection that pages read with."""
    engines: Engines = app.extensions["tilfreds_engines"]
    pool: Any = engines.read.pool
    monkeypatch.setattr(pool, "_timeout", 0.05)
    with ExitStack() as stack:
        for _ in range(pool.size()):
            stack.enter_context(engines.read.connect())
        yield


@ON_BOTH
def test_when_no_connection_is_free(desk: Desk, all_taken: None, subtests: pytest.Subtests) -> None:
    key = desk.site.key
    for path in (
        "",
        f"{key}/conversations",
        f"{key}/articles",
        f"{key}/overview",
        f"{key}/surges",
        f"{key}/audit",
        f"{key}/settings",
        f"{key}/settings/general",
        f"{key}/settings/privacy",
        f"{key}/settings/privacy/requests",
        f"{key}/settings/privacy/record",
        "audit",
        f"{key}/live",
        "no/such/page",
    ):
        with subtests.test(path=path):
            assert_away(desk.console, path)


def test_when_a_connection_was_thrown_away(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Handle an invalidated connection, whose error class is as general as after a failed flush."""
    broken = DatabaseError("select", {}, sqlite3.DatabaseError("malformed"), connection_invalidated=True)

    def fail(*_: Any) -> None:
        raise broken

    monkeypatch.setattr("widget_server.console.articles.views.find_page", fail)
    monkeypatch.setattr("widget_server.console.articles.views.position", fail)
    assert_away(desk.console, f"{desk.site.key}/articles")


def assert_away(console: Console, path: str) -> None:
    response = console.get(path)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    assert "busy or unreachable" in response.get_data(as_text=True)
