"""Users who may create sites, and the index of the list of sites."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_0049"
down_revision = "2026_12_01_0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("user") as table:
        table.add_column(sa.Column("may_create_sites", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("user") as table:
        table.alter_column("may_create_sites", existing_type=sa.Boolean(), server_default=None)
    # Admins of all sites could create sites until now. Owners still can, without the right.
    admins = "SELECT user_id FROM membership WHERE site_id IS NULL AND role = 'admin'"
    op.execute(f'UPDATE "user" SET may_create_sites = true WHERE id IN ({admins})')  # noqa: S608
    op.create_index("ix_site_name", "site", ["name", "id"])


def downgrade() -> None:
    op.drop_index("ix_site_name", "site")
    with op.batch_alter_table("user") as table:
        table.drop_column("may_create_sites")
