"""When the first submission of a vote arrived."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0027"
down_revision = "2026_11_30_0026"
branch_labels = None
depends_on = None

FROM_HISTORY = """
UPDATE vote SET received_at = coalesce(
    (SELECT min(stored_at) FROM vote_change WHERE vote_change.site_id = vote.site_id AND vote_change.vote_id = vote.id),
    changed_at
)
"""


def upgrade() -> None:
    op.add_column("vote", sa.Column("received_at", sa.DateTime(timezone=True)))
    op.execute(FROM_HISTORY)


def downgrade() -> None:
    op.drop_column("vote", "received_at")
