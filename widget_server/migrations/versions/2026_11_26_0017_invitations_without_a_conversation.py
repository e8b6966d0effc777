"""The back end invites somebody without a conversation, under an id of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_0017"
down_revision = "2026_11_26_0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("invitation", sa.Column("external_id", sa.String(200)))
    op.create_index("ix_invitation_external", "invitation", ["site_id", "external_id"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_invitation_external", "invitation")
    op.drop_column("invitation", "external_id")
