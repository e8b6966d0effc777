"""Every tenant table has the site first in its keys, so that no row can refer to another site's."""

from __future__ import annotations

import pytest
from sqlalchemy import Table

from tests.storage.models import metadata

#: Tables of no single site: the site, people who may see several, the outbox with its one order, and its consumers.
NOT_OF_A_SITE = {"site", "login_session", "event", "event_consumer"}
#: A call brings nothing but the key, and its hash says which site it is of.
FOUND_WITHOUT_A_SITE = {("api_key", ("key_hash",))}


def tenant_tables() -> list[str]:
    assert set(metadata.tables) > NOT_OF_A_SITE
    return sorted(set(metadata.tables) - NOT_OF_A_SITE)


def test_a_row_says_first_whose_it_is(subtests: pytest.Subtests) -> None:
    """With the site first in every key, no row can refer to another site's, and a site's rows lie together."""
    names = tenant_tables()
    assert names
    for name in names:
        with subtests.test(table=name):
            assert_site_is_first(metadata.tables[name])


def assert_site_is_first(table: Table) -> None:
    keys = [tuple(column.name for column in table.primary_key.columns)]
    keys += [tuple(column.name for column in index.columns) for index in table.indexes]
    for constraint in table.constraints:
        keys.append(tuple(column.name for column in getattr(constraint, "columns", [])))
    stated = [key for key in keys if key and (table.name, key) not in FOUND_WITHOUT_A_SITE]
    assert [key for key in stated if key[0] != "site_id"] == []
    for foreign in table.foreign_key_constraints:
        theirs = foreign.elements[0].column
        assert theirs.name == ("id" if theirs.table.name == "site" else "site_id"), foreign.name
