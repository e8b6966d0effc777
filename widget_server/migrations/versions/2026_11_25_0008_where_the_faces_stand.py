"""A site says where its faces stand: a known layout, a chat's panel, beside a launcher, a pop-over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_0008"
down_revision = "2026_11_25_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    anything = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    with op.batch_alter_table("site") as batch:
        batch.add_column(sa.Column("placement", anything, nullable=False, server_default="{}"))
    # The default was for the sites that are there; a new one says it itself.
    with op.batch_alter_table("site") as batch:
        batch.alter_column("placement", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("site") as batch:
        batch.drop_column("placement")
