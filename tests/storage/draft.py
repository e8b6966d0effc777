"""Draft a new migration from the difference between the models and the newest schema.

    .venv/bin/python -m tests.storage.draft "votes have a colour"

Review the draft: it covers tables, columns, keys and indexes, but neither CHECK constraints nor changes of rows.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any, Literal

from alembic import command
from sqlalchemy import JSON

from tests.databases import sqlite_url
from tests.storage.models import metadata
from widget_server.core import clock
from widget_server.migrations import run
from widget_server.storage.column_types import UtcDateTime
from widget_server.storage.engines import make_unpooled_engine


def render_item(kind: str, item: Any, context: Any) -> str | Literal[False]:
    """Render a column type of ours as SQLAlchemy's, because a migration must not depend on later code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSON):
        context.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def write_draft(description: str) -> None:
    """Write the draft beside the other migrations."""
    config = run.alembic_config()
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    number = int(run.newest_revision().rpartition("_")[2]) + 1
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder) / "newest.sqlite3")
        run.upgrade(url)
        with make_unpooled_engine(url).connect() as connection:
            config.attributes.update(connection=connection, metadata=metadata, render_item=render_item)
            name = f"{clock.now():%Y_%m_%d}_{number:04}"
            command.revision(config, description, autogenerate=True, rev_id=name)


if __name__ == "__main__":
    write_draft(sys.argv[1])
