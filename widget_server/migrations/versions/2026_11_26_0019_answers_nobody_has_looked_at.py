"""An answer stays marked until somebody at the console has looked at it. Those of before count as seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_0019"
down_revision = "2026_11_26_0018"
branch_labels = None
depends_on = None

MARKED = sa.text("unseen_since is not null")


def upgrade() -> None:
    op.add_column("conversation", sa.Column("unseen_since", sa.DateTime(timezone=True), nullable=True))
    columns = ["site_id", "latest_at"]
    op.create_index("ix_conversation_unseen", "conversation", columns, sqlite_where=MARKED, postgresql_where=MARKED)


def downgrade() -> None:
    op.drop_index("ix_conversation_unseen", "conversation")
    op.drop_column("conversation", "unseen_since")
