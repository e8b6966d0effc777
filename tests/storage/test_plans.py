"""No list of console and API reads all rows of a site, with and without statistics of the database.

SQLite gathers statistics only if an operator runs ANALYZE, so no plan may need them, and none may suffer from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event

from benchmarks import large_site, lists, product
from widget_server.core.config import Config
from widget_server.storage.engines import Engines, make_unpooled_engine

CONVERSATIONS = 2000
LARGE_TABLES = "vote|conversation|segment|message|invitation|vote_change|conversation_agent|credited_vote"
#: Steps that read rows of a whole table, or of a whole site.
WHOLE_TABLE = re.compile(rf"SCAN ({LARGE_TABLES})\b(?! CONSTANT)")
WHOLE_SITE = re.compile(rf"SEARCH ({LARGE_TABLES}) USING (?:COVERING )?INDEX (\w+) \(site_id=\?\)")
#: Indexes in the order of a list. Such a step ends when the page is full; the partial ones hold only what matches.
IN_ORDER_OF_LIST = {
    *("ix_conversation_latest", "ix_conversation_unread", "ix_conversation_not_asked", "ix_conversation_waiting"),
    *("ix_conversation_recovered", "ix_conversation_asked_again", "ix_vote_first", "ix_vote_excluded"),
    *("ix_vote_suspected", "ix_vote_recovered"),
}


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
                assert find_long_steps([row[3] for row in steps]) == []


def record_queries(app: Flask, site: product.SampleSite) -> dict[str, Any]:
    """Return the values of each query that the addresses of all lists send."""
    queries: dict[str, Any] = {}

    def record(connection: object, cursor: object, statement: str, values: Any, *rest: object) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            queries.setdefault(statement, values)

    engines: Engines = app.extensions["tilfreds_engines"]
    client, headers = lists.sign_in(app, site.site_id)
    event.listen(engines.read, "before_cursor_execute", record)
    for address in lists.addresses(lists.surveys_of(app, site.site_id)):
        lists.call(client, address.replace("KEY", site.key), headers)
    event.remove(engines.read, "before_cursor_execute", record)
    return queries


def find_long_steps(steps: Sequence[str]) -> list[str]:
    """Return the steps of a plan that read a whole table or a whole site."""
    long_steps = []
    for step in steps:
        whole_site = WHOLE_SITE.match(step)
        if WHOLE_TABLE.match(step) or (whole_site and whole_site[2] not in IN_ORDER_OF_LIST):
            long_steps.append(step)
    return long_steps
