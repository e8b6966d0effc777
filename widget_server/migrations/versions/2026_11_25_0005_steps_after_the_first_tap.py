"""Votes keep what became of each step after the first tap, and it is counted by day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_0005"
down_revision = "2026_11_25_0004"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("vote", sa.Column("steps", JSON, server_default="{}", nullable=False))
    op.create_table(
        "step_tally",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("voted_on", sa.Date(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("standing", sa.String(length=10), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "revision_id"],
            ["survey_revision.site_id", "survey_revision.id"],
            name=op.f("fk_step_tally_site_id_revision_id"),
        ),
        sa.PrimaryKeyConstraint(
            "site_id", "revision_id", "voted_on", "step", "outcome", "standing", name=op.f("pk_step_tally")
        ),
    )


def downgrade() -> None:
    op.drop_table("step_tally")
    op.drop_column("vote", "steps")
