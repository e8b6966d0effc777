"""When a rating was imported from another system."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0030"
down_revision = "2026_11_30_0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("vote", sa.Column("imported_at", sa.DateTime(timezone=True)))
    is_imported = sa.text("imported_at is not null")
    op.create_index(
        "ix_vote_imported", "vote", ["site_id", "first_at"], sqlite_where=is_imported, postgresql_where=is_imported
    )


def downgrade() -> None:
    op.drop_index("ix_vote_imported", "vote")
    op.drop_column("vote", "imported_at")
