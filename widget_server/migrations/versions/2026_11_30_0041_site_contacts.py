"""The page from which each site was last in contact."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0041"
down_revision = "2026_11_30_0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "site_contact",
        sa.Column("site_id", sa.Uuid(as_uuid=True), nullable=False),
        sa.Column("origin", sa.String(300), nullable=False),
        sa.Column("path", sa.String(500), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_site_contact_site_id")),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_site_contact")),
    )


def downgrade() -> None:
    op.drop_table("site_contact")
