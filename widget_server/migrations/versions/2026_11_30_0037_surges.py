"""Hourly counts of anonymous votes, and surges of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0037"
down_revision = "2026_11_30_0036"
branch_labels = None
depends_on = None

ID = sa.Uuid(as_uuid=True)
MOMENT = sa.DateTime(timezone=True)
IS_PENDING = sa.text("pending_decision is not null")


def upgrade() -> None:
    op.create_table(
        "subject_hour",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("hour", MOMENT, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "subject_id"], ["subject.site_id", "subject.id"], name=op.f("fk_subject_hour_site_id")
        ),
        sa.PrimaryKeyConstraint("site_id", "subject_id", "hour", name=op.f("pk_subject_hour")),
    )
    op.create_index("ix_subject_hour_hour", "subject_hour", ["site_id", "hour"])
    op.create_table(
        "surge",
        sa.Column("site_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("max_votes", sa.Integer(), nullable=False),
        sa.Column("vote_count", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(10), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(200), nullable=True),
        sa.Column("reason", sa.String(500), nullable=True),
        sa.Column("excluded_at", MOMENT, nullable=True),
        sa.Column("pending_decision", sa.String(10), nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id", "subject_id"], ["subject.site_id", "subject.id"], name=op.f("fk_surge_site_id")
        ),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_surge")),
        sa.UniqueConstraint("site_id", "subject_id", "started_at", name=op.f("uq_surge_site_id_subject_id_started_at")),
    )
    op.create_index("ix_surge_started", "surge", ["site_id", "started_at"])
    op.create_index("ix_surge_pending", "surge", ["site_id"], sqlite_where=IS_PENDING, postgresql_where=IS_PENDING)


def downgrade() -> None:
    op.drop_table("surge")
    op.drop_table("subject_hour")
