"""A visitor may add a picture to a vote."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_0010"
down_revision = "2026_11_25_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "screenshot",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("vote_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(22), nullable=False),
        sa.Column("sent_hash", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "vote_id"], ["vote.site_id", "vote.id"], name=op.f("fk_screenshot_site_id_vote_id")
        ),
        sa.PrimaryKeyConstraint("site_id", "vote_id", name=op.f("pk_screenshot")),
        sa.UniqueConstraint("site_id", "name", name=op.f("uq_screenshot_site_id_name")),
    )


def downgrade() -> None:
    op.drop_table("screenshot")
