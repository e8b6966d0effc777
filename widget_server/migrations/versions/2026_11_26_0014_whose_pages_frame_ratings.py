"""A site names the pages that may hold its conversations' ratings in a frame."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_26_0014"
down_revision = "2026_11_25_0010"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("site") as batch:
        batch.add_column(sa.Column("agent_origins", JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("site") as batch:
        batch.drop_column("agent_origins")
