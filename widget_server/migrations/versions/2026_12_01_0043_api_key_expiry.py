"""When an API key expires, when it was last used, and who created it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_0043"
down_revision = "2026_12_01_0042"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("api_key") as table:
        table.add_column(sa.Column("created_by", sa.String(300), nullable=False, server_default=""))
        table.add_column(sa.Column("expires_at", MOMENT, nullable=True))
        table.add_column(sa.Column("last_used_at", MOMENT, nullable=True))
    with op.batch_alter_table("api_key") as table:
        table.alter_column("created_by", existing_type=sa.String(300), server_default=None)


def downgrade() -> None:
    # An earlier version would accept an expired key.
    expired = "UPDATE api_key SET revoked_at = expires_at WHERE revoked_at IS NULL AND expires_at < CURRENT_TIMESTAMP"
    op.execute(expired)
    with op.batch_alter_table("api_key") as table:
        table.drop_column("last_used_at")
        table.drop_column("expires_at")
        table.drop_column("created_by")
