"""What a site masks in the words of its visitors, and the counters of the masks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_12_01_0045"
down_revision = "2026_12_01_0044"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("site") as table:
        table.add_column(sa.Column("redaction", JSON, nullable=False, server_default='["card"]'))
    with op.batch_alter_table("site") as table:
        table.alter_column("redaction", existing_type=JSON, server_default=None)
    op.create_table(
        "redaction_tally",
        sa.Column("site_id", sa.Uuid(as_uuid=True), nullable=False),
        sa.Column("redacted_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_redaction_tally_site_id")),
        sa.PrimaryKeyConstraint("site_id", "redacted_on", "kind", name=op.f("pk_redaction_tally")),
    )


def downgrade() -> None:
    op.drop_table("redaction_tally")
    with op.batch_alter_table("site") as table:
        table.drop_column("redaction")
