"""Indexes of the comments and screenshots under each subject."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_0050"
down_revision = "2026_12_01_0049"
branch_labels = None
depends_on = None

HAS_WORDS = sa.text("subject_id is not null and comment is not null")
HAS_SUBJECT = sa.text("subject_id is not null")
FILL = """
UPDATE screenshot SET subject_id = (
    SELECT v.subject_id FROM vote AS v WHERE v.site_id = screenshot.site_id AND v.id = screenshot.vote_id)
"""


def upgrade() -> None:
    op.add_column("screenshot", sa.Column("subject_id", sa.Uuid(), nullable=True))
    op.execute(FILL)
    op.create_index(
        "ix_screenshot_subject",
        "screenshot",
        ["site_id", "subject_id", "stored_at", "vote_id"],
        sqlite_where=HAS_SUBJECT,
        postgresql_where=HAS_SUBJECT,
    )
    op.create_index(
        "ix_vote_words",
        "vote",
        ["site_id", "subject_id", "changed_at", "id"],
        sqlite_where=HAS_WORDS,
        postgresql_where=HAS_WORDS,
    )


def downgrade() -> None:
    op.drop_index("ix_vote_words", "vote")
    op.drop_index("ix_screenshot_subject", "screenshot")
    op.drop_column("screenshot", "subject_id")
