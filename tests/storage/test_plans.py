"""No list of console and API reads all rows of a site, with and without statistics of the database.

SQLite gathers statistics only if an operator runs ANALYZE, so no plan may need them, and none may suffer from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection

from benchmarks import large_site, lists, product
from widget_server.core.config import Config
from widget_server.storage.engines import Engines, make_unpooled_engine

from .plans import find_long_steps, recording

CONVERSATIONS = 2000


@pytest.fixture
def site(config: Config) -> product.SampleSite:
    return product.fill_database(config, 0)


@pytest.fixture
def connection(config: Config, site: product.SampleSite) -> Iterator[Connection]:
    """Yield a connection of a database with many conversations."""
    with make_unpooled_engine(config.database_url).connect() as connection:
        large_site.fill(connection, site, CONVERSATIONS)
        yield connection


@pytest.mark.slow
def test_no_list_reads_all_rows_of_a_site(
    app: Flask, connection: Connection, site: product.SampleSite, subtests: pytest.Subtests
) -> None:
    queries = record_queries(app, site)
    assert len(queries) > 60
    for statistics in ("without statistics", "with statistics"):
        if statistics == "with statistics":
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
        for statement, values in queries.items():
            with subtests.test(statistics, statement=statement):
                steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                assert find_long_steps(statement, [row[3] for row in steps]) == []


def record_queries(app: Flask, site: product.SampleSite) -> dict[str, Any]:
    """Return the values of each query that the addresses of all lists send."""
    engines: Engines = app.extensions["tilfreds_engines"]
    client, headers = lists.sign_in(app, site.site_id)
    with recording(engines.read) as queries:
        for address in lists.addresses(lists.surveys_of(app, site.site_id)):
            lists.call(client, address.replace("KEY", site.key), headers)
    return dict(queries)
