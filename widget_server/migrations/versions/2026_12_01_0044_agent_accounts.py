"""Which agent of a site a user is: by an id of the membership, or by the agent's e-mail address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_0044"
down_revision = "2026_12_01_0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("membership") as table:
        table.add_column(sa.Column("agent_id", sa.Uuid(), nullable=True))
    with op.batch_alter_table("agent") as table:
        table.add_column(sa.Column("email", sa.String(254), nullable=True))
        table.create_unique_constraint("uq_agent_site_id_email", ["site_id", "email"])


def downgrade() -> None:
    # An earlier version does not know the role, and would refuse every page to its users.
    op.execute("DELETE FROM membership WHERE role = 'agent'")
    with op.batch_alter_table("agent") as table:
        table.drop_constraint("uq_agent_site_id_email", type_="unique")
        table.drop_column("email")
    with op.batch_alter_table("membership") as table:
        table.drop_column("agent_id")
