"""No list of console and API reads all rows of a site, with and without statistics of the database.

SQLite gathers statistics only if an operator runs ANALYZE, so no plan may need them, and none may suffer from them.
"""

from __future__ import annotations

import re
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


CHANGED = "changed_since=2000-01-01T00:00:00Z"
#: By list, the index with which its page begins.
FEWEST_ROWS = {
    "conversations?tag=checkout&channel=in_person": "ix_conversation_channel",
    "conversations?team=none&agent=agent-1": "ix_conversation_team",
    "conversations?agent=agent-200&status=negative": "ix_conversation_agent_latest",
    f"conversations?{CHANGED}&team=none": "ix_conversation_team",
    f"conversations?{CHANGED}&agent=agent-200": "ix_conversation_agent_latest",
    "votes?agent=agent-1&channel=in_person": "ix_vote_channel",
    f"votes?{CHANGED}&score=7": "ix_vote_score",
    f"votes?{CHANGED}": "ix_vote_updated",
}
SELECT_PAGE = re.compile(
    r"SELECT (conversation|vote|conversation_agent|anon_1)\.(conversation_)?id, \w+\.(latest|first|updated)_at"
)


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


@pytest.mark.slow
def test_a_page_begins_with_the_filter_that_has_the_fewest_rows(
    app: Flask, connection: Connection, site: product.SampleSite, subtests: pytest.Subtests
) -> None:
    client, headers = lists.sign_in(app, site.site_id)
    engines: Engines = app.extensions["tilfreds_engines"]
    for query, index in FEWEST_ROWS.items():
        with subtests.test(query):
            with recording(engines.read) as queries:
                lists.call(client, f"/api/v1/{query}", headers)
            page, values = next(one for one in queries if SELECT_PAGE.match(one[0]))
            steps = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {page}", values)]
            reads = [step for step in steps if step.startswith("SEARCH")]
            # The first read of a list in a subquery may be the look-up of its rows.
            assert f" {index} (" in "".join(reads[:2]), steps


def record_queries(app: Flask, site: product.SampleSite) -> dict[str, Any]:
    """Return the values of each query that the addresses of all lists send."""
    engines: Engines = app.extensions["tilfreds_engines"]
    client, headers = lists.sign_in(app, site.site_id)
    with recording(engines.read) as queries:
        for address in lists.addresses(lists.surveys_of(app, site.site_id)):
            lists.call(client, address.replace("KEY", site.key), headers)
    return dict(queries)
