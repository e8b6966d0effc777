"""The rows that the bench adds by SQL fit the tables of both databases, and those that it sends fit the API."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from benchmarks import large_site, long_conversation, product
from tests.databases import ON_BOTH
from widget_server.core.config import Config
from widget_server.storage.engines import make_unpooled_engine

COUNT = 200


@ON_BOTH
def test_the_rows_of_a_large_site_are_accepted(config: Config) -> None:
    site = product.fill_database(config, 0)
    engine = make_unpooled_engine(config.database_url)
    with engine.connect() as connection:
        large_site.fill(connection, site, COUNT)
    with engine.connect() as connection:
        counts = [
            connection.execute(text(f"SELECT count(*) FROM {table} WHERE updated_at IS NOT NULL")).scalar_one()
            for table in ("conversation", "vote")
        ]
    engine.dispose()
    assert counts == [COUNT, COUNT // 4 + COUNT // 10]


def test_the_long_conversation_of_the_bench_is_accepted(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change of the API must not stop the bench, which runs for minutes before this row."""
    for name, value in {"MESSAGES": 40, "BATCH": 2, "CALLS": 2}.items():
        monkeypatch.setattr(long_conversation, name, value)
    row = long_conversation.measure(tmp_path, config.database_url, "SQLite")
    assert row.met is not None and row.figure
