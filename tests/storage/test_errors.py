"""What the database refuses is told without the values of any row: errors are written to the log."""

from __future__ import annotations

import traceback

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from tests.databases import ON_BOTH
from widget_server.migrations import run
from widget_server.storage.engines import make_engines, make_unpooled_engine

pytestmark = ON_BOTH
CANARY = "canary7f3a"
INSERT = text(
    "INSERT INTO site (id, key, name, time_zone, languages, allowed_origins, article_selector, article_share,"
    " ask_when_unknown, rules, texts, theme, placement, version, created_at)"
    " VALUES (:id, :key, :name, 'UTC', '[]', '[]', '', 1, true, '{}', '{}', '{}', '{}', 1, '2026-01-01 00:00:00+00:00')"
)


def engines(url: str) -> dict[str, Engine]:
    both = make_engines(url)
    looking = run._make_read_engine(url)
    assert looking is not None
    return {"read": both.read, "write": both.write, "one": make_unpooled_engine(url), "looking": looking}


def test_every_engine_keeps_values_to_itself(database_url: str) -> None:
    for name, engine in engines(database_url).items():
        assert engine.hide_parameters, name


@pytest.mark.parametrize("name", ["write", "one"])
def test_an_error_shows_no_value(database_url: str, name: str) -> None:
    engine = engines(database_url)[name]
    rows = [{"id": f"{number:032x}", "key": CANARY, "name": f"name {CANARY}"} for number in (1, 2)]
    with pytest.raises(IntegrityError) as refused, engine.begin() as connection:
        for row in rows:
            connection.execute(INSERT, row)
    told = "".join(traceback.format_exception(refused.value))
    assert "unique" in told.lower() and "INSERT INTO site" in told
    assert CANARY not in told
    engine.dispose()
