"""Conversations are searched by the words of a comment, and narrowed by agent, recovery and why nobody was asked."""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_0018"
down_revision = "2026_11_26_0017"
branch_labels = None
depends_on = None

BATCH = 500
ALIKE: dict[int, str | None] = {
    0x130: "i",
    0x131: "i",
    **dict.fromkeys([*range(0x64B, 0x653), 0x670, 0x640, 0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF]),
}
INDEXES = {
    "ix_vote_commented": ("vote", ["site_id", "segment_id"], "comment_folded is not null"),
    "ix_message_agent": ("message", ["site_id", "agent_id", "conversation_id"], "agent_id is not null"),
    "ix_invitation_reason": ("invitation", ["site_id", "reason", "segment_id"], "reason is not null"),
    "ix_vote_change_recovery": ("vote_change", ["site_id", "vote_id"], "recovery is true"),
}
VOTE = sa.table(
    "vote",
    sa.column("site_id", sa.Uuid()),
    sa.column("id", sa.Uuid()),
    sa.column("comment", sa.Text()),
    sa.column("comment_folded", sa.Text()),
)


def upgrade() -> None:
    op.add_column("vote", sa.Column("comment_folded", sa.Text(), nullable=True))
    fold_comments(op.get_bind())
    for name, (table, columns, where) in INDEXES.items():
        # SQLite takes an index only for a query that says it in the same words.
        on_sqlite = sa.text(where.replace("is true", "is 1"))
        op.create_index(name, table, columns, sqlite_where=on_sqlite, postgresql_where=sa.text(where))


def downgrade() -> None:
    for name, (table, _, _) in INDEXES.items():
        op.drop_index(name, table)
    op.drop_column("vote", "comment_folded")


def fold_comments(connection: sa.Connection) -> None:
    """In steps, so that memory does not grow with the number of comments."""
    commented = sa.select(VOTE.c.site_id, VOTE.c.id, VOTE.c.comment).where(VOTE.c.comment.is_not(None))
    place = sa.tuple_(VOTE.c.site_id, VOTE.c.id)
    step = commented.order_by(VOTE.c.site_id, VOTE.c.id).limit(BATCH)
    rows = connection.execute(step).all()
    while rows:
        for site_id, vote_id, comment in rows:
            one = sa.update(VOTE).where(VOTE.c.site_id == site_id, VOTE.c.id == vote_id)
            connection.execute(one.values(comment_folded=fold(comment)))
        after = sa.tuple_(sa.literal(rows[-1][0], sa.Uuid()), sa.literal(rows[-1][1], sa.Uuid()))
        rows = connection.execute(step.where(place > after)).all()


def fold(text: str) -> str:
    line = unicodedata.normalize("NFKC", " ".join(text.split()))
    return unicodedata.normalize("NFKC", line.translate(ALIKE).casefold())
