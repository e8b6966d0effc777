"""Questions that run out of time are found by an index, in small steps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_0003"
down_revision = "2026_11_23_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    unanswered = sa.text("state in ('asked', 'shown', 'dismissed')")
    op.create_index(
        "ix_invitation_due",
        "invitation",
        ["site_id", "expires_at"],
        sqlite_where=unanswered,
        postgresql_where=unanswered,
    )


def downgrade() -> None:
    op.drop_index("ix_invitation_due", "invitation")
