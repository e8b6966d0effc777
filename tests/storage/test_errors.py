"""Errors of the database contain no value of any row, because they are logged."""

from __future__ import annotations

import traceback

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from tests.databases import ON_BOTH
from tests.storage.site_rows import add_site
from widget_server.migrations import run
from widget_server.storage.engines import make_engines, make_unpooled_engine

pytestmark = ON_BOTH
CANARY = "canary7f3a"


def engines(url: str) -> dict[str, Engine]:
    pair = make_engines(url)
    migration_reader = run._make_read_engine(url)
    assert migration_reader is not None
    unpooled = make_unpooled_engine(url)
    return {"read": pair.read, "write": pair.write, "unpooled": unpooled, "migrations": migration_reader}


def test_every_engine_hides_parameters(database_url: str) -> None:
    for name, engine in engines(database_url).items():
        assert engine.hide_parameters, name


@pytest.mark.parametrize("name", ["write", "unpooled"])
def test_an_error_shows_no_value(database_url: str, name: str) -> None:
    engine = engines(database_url)[name]
    with pytest.raises(IntegrityError) as error, engine.begin() as connection:
        for _ in range(2):
            add_site(connection, f"name {CANARY}", CANARY)
    log_text = "".join(traceback.format_exception(error.value))
    assert "unique" in log_text.lower() and "INSERT INTO site" in log_text
    assert CANARY not in log_text
    engine.dispose()
