"""A site says who is credited with an answer, and from what day on its agents see it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_0016"
down_revision = "2026_11_26_0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("site") as batch:
        batch.add_column(sa.Column("credit", sa.String(10), nullable=False, server_default="all"))
        batch.add_column(sa.Column("agents_see", sa.String(10), nullable=False, server_default="own"))
        batch.add_column(sa.Column("agents_see_after_days", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("site") as batch:
        batch.drop_column("agents_see_after_days")
        batch.drop_column("agents_see")
        batch.drop_column("credit")
