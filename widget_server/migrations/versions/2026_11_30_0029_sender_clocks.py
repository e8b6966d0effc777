"""The offset of the clock of who sends the messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0029"
down_revision = "2026_11_30_0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("segment", sa.Column("clock_offset_ms", sa.BigInteger()))


def downgrade() -> None:
    op.drop_column("segment", "clock_offset_ms")
