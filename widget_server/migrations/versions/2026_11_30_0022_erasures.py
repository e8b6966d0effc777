"""When a visitor's invitations and votes were erased, and recent erasures of visitors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0022"
down_revision = "2026_11_30_0021"
branch_labels = None
depends_on = None

INDEXES = {"conversation": "ix_conversation_visitor", "vote": "ix_vote_visitor"}
#: Marks what earlier versions erased, so that no late answer adds words to it.
MARK_ERASED = (
    "UPDATE invitation SET erased_at = (SELECT c.erased_at FROM segment s JOIN conversation c"
    " ON c.site_id = s.site_id AND c.id = s.conversation_id"
    " WHERE s.site_id = invitation.site_id AND s.id = invitation.segment_id) WHERE segment_id IS NOT NULL",
    "UPDATE invitation SET erased_at = CURRENT_TIMESTAMP WHERE external_id LIKE 'erased:%'",
    "UPDATE vote SET erased_at = (SELECT i.erased_at FROM invitation i"
    " WHERE i.site_id = vote.site_id AND i.id = vote.asked_id) WHERE asked_id IS NOT NULL",
    "UPDATE vote SET erased_at = CURRENT_TIMESTAMP WHERE voter LIKE 'e:%'",
)


def upgrade() -> None:
    op.create_table(
        "erased_visitor",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("person_hash", sa.String(64), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_erased_visitor_site_id"),
        sa.PrimaryKeyConstraint("site_id", "person_hash", name="pk_erased_visitor"),
    )
    for table in ("invitation", "vote"):
        op.add_column(table, sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    for statement in MARK_ERASED:
        op.execute(statement)
    has_visitor = sa.text("visitor_id is not null")
    for table, name in INDEXES.items():
        op.create_index(name, table, ["site_id", "visitor_id"], sqlite_where=has_visitor, postgresql_where=has_visitor)


def downgrade() -> None:
    for table, name in INDEXES.items():
        op.drop_index(name, table)
    for table in ("vote", "invitation"):
        op.drop_column(table, "erased_at")
    op.drop_table("erased_visitor")
