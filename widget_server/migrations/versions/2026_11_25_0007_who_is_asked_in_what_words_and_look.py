"""Only every n-th is asked, visitors' cooldowns find what they were shown, and a site words and colours the widget."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_0007"
down_revision = "2026_11_25_0005"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "sampling_count",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_sampling_count_site_id")),
        sa.PrimaryKeyConstraint("site_id", "channel", name=op.f("pk_sampling_count")),
    )
    op.create_index("ix_invitation_visitor", "invitation", ["site_id", "visitor_id", "shown_at"])
    # The rows that are there need a value; new ones bring theirs.
    with op.batch_alter_table("site") as batch:
        batch.add_column(sa.Column("texts", JSON, nullable=False, server_default="{}"))
        batch.add_column(sa.Column("theme", JSON, nullable=False, server_default="{}"))
    with op.batch_alter_table("site") as batch:
        batch.alter_column("texts", server_default=None)
        batch.alter_column("theme", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("site") as batch:
        batch.drop_column("theme")
        batch.drop_column("texts")
    op.drop_index("ix_invitation_visitor", "invitation")
    op.drop_table("sampling_count")
