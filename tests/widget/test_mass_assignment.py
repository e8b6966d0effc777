"""What a page may not say: every column of every table, offered to every public route, is refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from widget_server.storage.db import db
from widget_server.web.fields import Strict

from ..conversations.rows import count, rows
from .conftest import Page, press_id
from .test_odd_values import ROUTES, SUBJECT, valid_body
from .unlimited import config

__all__ = ["config"]
#: Fields that the wire itself has; what they may change is tested where they are described.
FIELDS = {
    "ended": {"conversation", "browser", "visitor", "signature", "expires", "revisions", "page", "lang"},
    "seen": {"token", "kind", "subject", "page"},
    "votes": {"token", "kind", "subject", "visitor", "signature", "expires", "id", "rev", "age_ms", "revision", "score"}
    | {"reasons", "answers", "outcomes", "comment", "page", "lang"},
}
FIELDS |= {"poll": FIELDS["ended"], "dismissed": FIELDS["seen"]}
TABLES = [table for table in db.metadatas[None].sorted_tables if table.name != "alembic_version"]
COLUMNS = sorted({column.name for table in TABLES for column in table.columns} | {"ip", "user_agent", "role", "source"})
VALUES: list[Any] = [True, "2020-01-01T00:00:00Z", None]


@pytest.mark.parametrize("route", ROUTES)
def test_every_column_is_refused_with_its_name(app: Flask, article_page: Page, route: str) -> None:
    before = {table.name: count(app, table.name) for table in TABLES}
    names = [name for name in COLUMNS if name not in FIELDS[route]]
    assert {"site_id", "verified", "voted_on", "excluded_at", "voter", "role"} <= set(names)
    for number, name in enumerate(names):
        body = {**valid_body(route, article_page), name: VALUES[number % len(VALUES)]}
        answer = article_page.post(route, body)
        assert (answer.status_code, answer.get_json()["pointer"]) == (422, f"/{name}")
    assert {table.name: count(app, table.name) for table in TABLES} == before


def test_the_fields_of_the_wire_are_the_ones_named_here(article_page: Page) -> None:
    for route, fields in FIELDS.items():
        for name in fields:
            answer = article_page.post(route, {**valid_body(route, article_page), name: {"odd": 1}})
            assert answer.get_json().get("detail") != Strict.error_messages["unknown"], (route, name)


def test_a_page_makes_nothing_verified_and_no_visitor(app: Flask, article_page: Page) -> None:
    """Store no unsigned claim of an identity."""
    answer = article_page.vote({**SUBJECT, "visitor": "ann", "expires": 4_000_000_000}, id=press_id())
    assert answer.status_code == 200
    vote = rows(app, "vote")[0]
    assert (vote.verified, vote.visitor_id, vote.voter[:2]) == (False, None, "b:")
    assert article_page.end("c1", visitor="ann").status_code == 200
    assert count(app, "visitor") == 0
    assert [row.visitor_id for row in rows(app, "conversation")] == [None]
