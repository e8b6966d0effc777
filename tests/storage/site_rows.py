"""Rows of sites for tests of the database itself, written without the application."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, insert

from widget_server.sites.models import Site
from widget_server.storage.db import table_of


def add_site(connection: Connection, name: str, key: str = "") -> str:
    """Add a site with the defaults of its model, whose key is its name unless it is given; return the name."""
    row = {
        "key": key or name,
        "name": name,
        "time_zone": "UTC",
        "languages": [],
        "allowed_origins": [],
        "created_at": datetime(2026, 3, 3, tzinfo=UTC),
    }
    connection.execute(insert(table_of(Site)), row)
    return name
