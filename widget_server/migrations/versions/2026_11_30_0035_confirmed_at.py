"""When the person of a session last proved their identity."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0035"
down_revision = "2026_11_30_0034"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("login_session", sa.Column("confirmed_at", MOMENT, nullable=True))
    op.execute("UPDATE login_session SET confirmed_at = created_at")
    with op.batch_alter_table("login_session") as table:
        table.alter_column("confirmed_at", existing_type=MOMENT, nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("login_session") as table:
        table.drop_column("confirmed_at")
