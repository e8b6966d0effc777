"""Indexes of lists that hold the id of a row, and an index of the votes that answered an invitation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_0046"
down_revision = "2026_12_01_0045"
branch_labels = None
depends_on = None

#: Indexes by name: the table, the columns after the site and before the id, and the condition of a partial one.
INDEXES = {
    "ix_conversation_channel": ("conversation", ["channel", "latest_at"], None),
    **{
        f"ix_conversation_{column}": ("conversation", [column, "latest_at"], f"{column} is not null")
        for column in ("team", "case_type", "product_area", "touchpoint", "sentiment", "not_asked_reason")
    },
    "ix_conversation_unread": ("conversation", ["latest_at"], "unread_since is not null"),
    "ix_conversation_not_asked": ("conversation", ["latest_at"], "not_asked_reason is not null"),
    "ix_conversation_recovered": ("conversation", ["latest_at"], "is_recovered is true"),
    "ix_conversation_asked_again": ("conversation", ["latest_at"], "is_asked_again is true"),
    "ix_vote_score": ("vote", ["score", "first_at"], None),
    "ix_vote_channel": ("vote", ["channel", "first_at"], None),
    "ix_vote_kind": ("vote", ["kind", "first_at"], None),
    "ix_vote_revision": ("vote", ["revision_id", "first_at"], None),
    "ix_vote_verified": ("vote", ["verified", "first_at"], None),
    "ix_vote_subject": ("vote", ["subject_id", "first_at"], "subject_id is not null"),
    "ix_vote_excluded": ("vote", ["first_at"], "excluded_at is not null"),
    "ix_vote_suspected": ("vote", ["first_at"], "suspicion_reason is not null"),
    "ix_vote_imported": ("vote", ["first_at"], "imported_at is not null"),
    "ix_vote_recovered": ("vote", ["first_at"], "is_recovered is true"),
}
WAITING, IS_WAITING = "ix_conversation_waiting", "waiting_until is not null"
ASKED, WAS_ASKED = "ix_vote_asked", "asked_id is not null"


def upgrade() -> None:
    for name, (table, columns, where) in INDEXES.items():
        replace_index(name, table, [*columns, "id"], where)
    replace_index(WAITING, "conversation", ["latest_at", "id", "waiting_until"], IS_WAITING)
    create_index(ASKED, "vote", ["asked_id"], WAS_ASKED)


def downgrade() -> None:
    op.drop_index(ASKED, "vote")
    replace_index(WAITING, "conversation", ["latest_at", "waiting_until"], IS_WAITING)
    for name, (table, columns, where) in INDEXES.items():
        replace_index(name, table, columns, where)


def replace_index(name: str, table: str, columns: list[str], where: str | None) -> None:
    op.drop_index(name, table)
    create_index(name, table, columns, where)


def create_index(name: str, table: str, columns: list[str], where: str | None) -> None:
    if where is None:
        op.create_index(name, table, ["site_id", *columns])
        return
    # SQLite uses a partial index only for a query whose condition has the same words.
    on_sqlite = sa.text(where.replace("is true", "is 1"))
    op.create_index(name, table, ["site_id", *columns], sqlite_where=on_sqlite, postgresql_where=sa.text(where))
