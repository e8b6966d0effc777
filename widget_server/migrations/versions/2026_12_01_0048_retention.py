"""How long a site keeps each kind of data. Existing sites keep everything until their owner decides."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_12_01_0048"
down_revision = "2026_12_01_0047"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
#: What a run finds by its age: name, table, column and condition.
INDEXES = (
    ("ix_vote_worded", "vote", "first_at", "comment_folded is not null"),
    ("ix_vote_answered", "vote", "first_at", "answers <> '{}'"),
    ("ix_screenshot_stored", "screenshot", "stored_at", None),
    ("ix_message_texts", "message", "sent_at", "text <> ''"),
)


def upgrade() -> None:
    with op.batch_alter_table("site") as table:
        table.add_column(sa.Column("retention", JSON, nullable=False, server_default="{}"))
        table.add_column(sa.Column("ratings_deleted_until", sa.Date(), nullable=True))
    with op.batch_alter_table("site") as table:
        table.alter_column("retention", existing_type=JSON, server_default=None)
    for name, table_name, column, condition in INDEXES:
        where = None if condition is None else sa.text(condition)
        op.create_index(name, table_name, ["site_id", column], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name, table_name, _, _ in INDEXES:
        op.drop_index(name, table_name)
    with op.batch_alter_table("site") as table:
        table.drop_column("ratings_deleted_until")
        table.drop_column("retention")
