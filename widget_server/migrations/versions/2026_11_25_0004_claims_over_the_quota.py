"""Claims over the quota are counted by day, and leave no other row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_0004"
down_revision = "2026_11_25_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "claim_day",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("refused_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_claim_day_site_id")),
        sa.PrimaryKeyConstraint("site_id", "day", name=op.f("pk_claim_day")),
    )


def downgrade() -> None:
    op.drop_table("claim_day")
