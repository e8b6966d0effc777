"""Quick conversions of values give the driver what SQLAlchemy's types would give it."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import bindparam, update
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from widget_server.ratings.statements import VOTE
from widget_server.storage.prepared import find_bind_processor

MOMENT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
VALUES: dict[str, list[Any]] = {
    "first_at": [MOMENT, MOMENT.replace(microsecond=5), MOMENT.astimezone(timezone(timedelta(hours=2)))],
    "reasons": [[], ["slow"], ["å"]],
    "answers": [{}, {"why": [1, "x"]}, 0, ""],
}


def test_quick_values_are_those_of_the_types(subtests: pytest.Subtests) -> None:
    dialect = SQLiteDialect_pysqlite(dbapi=sqlite3)
    for name, values in VALUES.items():
        bind = (
            update(VOTE).values({name: bindparam(name, type_=VOTE.c[name].type)}).compile(dialect=dialect).binds[name]
        )
        of_type = bind.type.dialect_impl(dialect).bind_processor(dialect)
        quick = find_bind_processor(bind, dialect)
        assert of_type is not None and quick is not None
        for value in values:
            with subtests.test(name=name, value=value):
                assert quick(value) == of_type(value)
        with pytest.raises((TypeError, ValueError, AttributeError)):
            quick(datetime(2026, 3, 1))  # noqa: DTZ001
