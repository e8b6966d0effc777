"""The migration that keys the hashes of the audit log keeps valid chains valid and broken ones broken."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, Table, delete, select

from tests.databases import BOTH, own_database
from tests.storage.fill import fill
from tests.storage.models import metadata
from widget_server.accounts import audit
from widget_server.migrations import run
from widget_server.storage.engines import make_unpooled_engine

BEFORE = "2026_11_30_0038"
SECRETS = (b"s" * 43,)


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, template_file: Path, tmp_path: Path) -> Iterator[str]:
    with own_database(request, template_file, tmp_path, "keyed") as url:
        yield url


def add_earlier_chain(connection: Connection, earlier: Table, site_id: Any) -> None:
    """Write three entries as the version before did, and change the third."""
    previous_hash = ""
    for number in (1, 2, 3):
        values: dict[str, Any] = {
            "site_id": site_id,
            "number": number,
            "at": datetime(2026, 3, 3, 10, number, 0, 123, tzinfo=UTC),
            "actor": "Ruth",
            "action": "vote.excluded",
            "target": f"vote {number}",
            "detail": {"score": number},
            "previous_hash": previous_hash,
        }
        text = json.dumps([*values.values()], default=str, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        previous_hash = hashlib.sha256(text.encode()).hexdigest()
        changed = {"actor": "Eve"} if number == 3 else {}
        connection.execute(earlier.insert().values(**{**values, **changed}, hash=previous_hash))


def valid_numbers(connection: Connection, site_id: Any) -> list[int]:
    entry, key = metadata.tables["audit_entry"], audit.derive_key(SECRETS[0])
    rows = connection.execute(select(entry).where(entry.c.site_id == site_id)).mappings()
    return sorted(row["number"] for row in rows if audit.compute_hash(key, row) == row["hash"])


@pytest.mark.slow
def test_an_earlier_chain_gets_keyed_hashes(database_url: str) -> None:
    engine = make_unpooled_engine(database_url)
    with engine.begin() as connection:
        fill(connection, metadata)
        site_id = connection.execute(select(metadata.tables["site"].c.id).limit(1)).scalar_one()
        connection.execute(delete(metadata.tables["audit_entry"]))
    run.downgrade(database_url, BEFORE, secret_keys=SECRETS)
    with engine.begin() as connection:
        earlier = Table("audit_entry", MetaData(), *copied_columns(), schema=None)
        add_earlier_chain(connection, earlier, site_id)
    run.upgrade(database_url, secret_keys=SECRETS)
    with engine.connect() as connection:
        assert valid_numbers(connection, site_id) == [1, 2]
    run.downgrade(database_url, BEFORE, secret_keys=SECRETS)
    run.upgrade(database_url, secret_keys=SECRETS)
    with engine.connect() as connection:
        assert valid_numbers(connection, site_id) == [1, 2]


def copied_columns() -> list[Any]:
    """Return the columns of the table before the migration."""
    later = ("actor_kind", "actor_id")
    return [column._copy() for column in metadata.tables["audit_entry"].columns if column.name not in later]
