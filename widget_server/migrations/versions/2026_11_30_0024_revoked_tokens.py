"""The time before which a site's agent tokens were revoked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0024"
down_revision = "2026_11_30_0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("site", sa.Column("tokens_valid_after", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("site", "tokens_valid_after")
