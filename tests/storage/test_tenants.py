"""Every table of a site has the site first in its keys, so that no row can refer to another site's rows."""

from __future__ import annotations

import pytest
from sqlalchemy import Table

from tests.storage.models import metadata

#: Tables of no single site: the sites, people who may see several with what belongs to them, the outbox with its
#: single order, its consumers, deliveries to people, and settings of the server.
NOT_OF_A_SITE = {
    "site",
    "user",
    "membership",
    "refused_sign_in",
    "sign_on_identity",
    "team",
    "team_member",
    "team_role",
    "account_link",
    "login_session",
    "totp_factor",
    "passkey",
    "recovery_code",
    "event",
    "event_consumer",
    "delivery",
    "server_setting",
}
#: An API call sends only the key, so its hash alone has to identify the site. Owners of all sites read one audit log.
KEYS_WITHOUT_A_SITE = {("api_key", ("key_hash",)), ("audit_entry", ("at", "site_id", "number"))}


def tenant_tables() -> list[str]:
    assert set(metadata.tables) > NOT_OF_A_SITE
    return sorted(set(metadata.tables) - NOT_OF_A_SITE)


def test_every_key_begins_with_the_site(subtests: pytest.Subtests) -> None:
    """With the site first in every key, no row can refer to another site's rows, and a site's rows are adjacent."""
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
    site_keys = [key for key in keys if key and (table.name, key) not in KEYS_WITHOUT_A_SITE]
    assert [key for key in site_keys if key[0] != "site_id"] == []
    for foreign_key in table.foreign_key_constraints:
        target = foreign_key.elements[0].column
        assert target.name == ("id" if target.table.name == "site" else "site_id"), foreign_key.name
