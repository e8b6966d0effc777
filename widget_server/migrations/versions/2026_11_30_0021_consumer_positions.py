"""Positions of those who read the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0021"
down_revision = "2026_11_26_0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_consumer",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_event_consumer"),
    )


def downgrade() -> None:
    op.drop_table("event_consumer")
