"""Edited and removed messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0023"
down_revision = "2026_11_30_0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("edited_at", sa.DateTime(timezone=True)))
    op.add_column("message", sa.Column("removed_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("message", "removed_at")
    op.drop_column("message", "edited_at")
