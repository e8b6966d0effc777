"""Whether a site shows its analysts what identifies visitors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_0042"
down_revision = "2026_11_30_0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("site") as table:
        table.add_column(sa.Column("analysts_see_personal", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("site") as table:
        table.alter_column("analysts_see_personal", existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    # An earlier version does not know the role, and would refuse every page to its users.
    op.execute("DELETE FROM membership WHERE role = 'analyst'")
    with op.batch_alter_table("site") as table:
        table.drop_column("analysts_see_personal")
