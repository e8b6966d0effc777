"""Hourly counts of refused sign-ins with an address that no account has."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_0053"
down_revision = "2026_12_01_0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "refused_sign_in",
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hour", name="pk_refused_sign_in"),
    )


def downgrade() -> None:
    op.drop_table("refused_sign_in")
