"""A site names the chats made by others that its pages listen to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_0009"
down_revision = "2026_11_25_0008"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("site") as batch:
        batch.add_column(sa.Column("adapters", JSON, nullable=False, server_default="{}"))


def downgrade() -> None:
    with op.batch_alter_table("site") as batch:
        batch.drop_column("adapters")
