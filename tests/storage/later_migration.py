"""A later migration, so that tests can migrate a database with rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic.config import Config

from widget_server.migrations import run

if TYPE_CHECKING:
    # The program that runs killed migrations does not need pytest.
    import pytest

REVISION = "later"
#: The table that it creates.
TABLE = "palette"
SOURCE = """
import sqlalchemy as sa
from alembic import op

revision = {revision!r}
down_revision = {head!r}

VOTE = sa.table("vote", sa.column("page", sa.String(500)), sa.column("page_folded", sa.String(500)))


def upgrade() -> None:
    op.create_table({table!r}, sa.Column("name", sa.String(20), primary_key=True))
    with op.batch_alter_table("site"{recreate}) as batch:
        batch.add_column(sa.Column("colour", sa.String(20)))
    op.add_column("vote", sa.Column("page_folded", sa.String(500)))
    op.get_bind().execute(sa.update(VOTE).values(page_folded=sa.func.lower(VOTE.c.page)))
    op.create_index("ix_vote_page_folded", "vote", ["site_id", "page_folded"])
    {then}


def downgrade() -> None:
    op.drop_index("ix_vote_page_folded", "vote")
    op.drop_column("vote", "page_folded")
    with op.batch_alter_table("site"{recreate}) as batch:
        batch.drop_column("colour")
    op.drop_table({table!r})
"""


def write_later_migration(folder: Path, *, then: str = "pass", recreate: bool) -> None:
    """Write the migration into `folder`.

    `recreate` copies a table that others refer to, as SQLite often needs. `then` is the last statement of the upgrade.
    """
    option = ', recreate="always"' if recreate else ""
    source = SOURCE.format(revision=REVISION, head=run.newest_revision(), table=TABLE, then=then, recreate=option)
    (folder / f"{REVISION}.py").write_text(source)


def ship_later_migration(monkeypatch: pytest.MonkeyPatch, folder: Path, **options: Any) -> None:
    """Add the migration to those that `run` knows, until the end of the test."""
    write_later_migration(folder, **options)
    config = config_with_later(folder)
    monkeypatch.setattr(run, "alembic_config", lambda: config)


def config_with_later(folder: Path) -> Config:
    """Return a configuration with the migrations in `folder` and the shipped ones."""
    config = run.alembic_config()
    config.set_main_option("version_locations", f"{Path(run.__file__).parent / 'versions'}:{folder}")
    return config
