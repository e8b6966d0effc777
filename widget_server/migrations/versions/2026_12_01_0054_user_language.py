"""The language that a user chose for the console."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_0054"
down_revision = "2026_12_01_0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("user") as table:
        table.add_column(sa.Column("language", sa.String(8), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("user") as table:
        table.drop_column("language")
