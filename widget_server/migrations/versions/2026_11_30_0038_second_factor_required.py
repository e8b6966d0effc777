"""Whether a site requires a second factor in the console."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0038"
down_revision = "2026_11_30_0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("site") as table:
        table.add_column(sa.Column("second_factor_required", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("site") as table:
        table.alter_column("second_factor_required", existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("site") as table:
        table.drop_column("second_factor_required")
