"""When each vote and conversation was changed last, so that a back end can follow the changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0032"
down_revision = "2026_11_30_0031"
branch_labels = None
depends_on = None

#: The time that each row had until now.
EARLIER_TIMES = {"vote": "changed_at", "conversation": "latest_at"}


def upgrade() -> None:
    for table, column in EARLIER_TIMES.items():
        # The default is replaced at once; without one SQLite cannot add a column that is never null.
        moment = sa.DateTime(timezone=True)
        op.add_column(table, sa.Column("updated_at", moment, nullable=False, server_default="2000-01-01 00:00:00+00"))
        op.execute(f"UPDATE {table} SET updated_at = {column}")  # noqa: S608
        op.create_index(f"ix_{table}_updated", table, ["site_id", "updated_at", "id"])
    if op.get_bind().dialect.name == "postgresql":
        for table in EARLIER_TIMES:
            op.alter_column(table, "updated_at", server_default=None)


def downgrade() -> None:
    for table in EARLIER_TIMES:
        op.drop_index(f"ix_{table}_updated", table)
        op.drop_column(table, "updated_at")
