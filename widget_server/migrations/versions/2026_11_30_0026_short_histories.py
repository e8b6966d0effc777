"""At most 50 entries in the history of each vote; downgrading does not bring the others back."""

from __future__ import annotations

from alembic import op

revision = "2026_11_30_0026"
down_revision = "2026_11_30_0025"
branch_labels = None
depends_on = None

#: The same rule as ratings/history.py, for all votes at once.
PRUNE = """
DELETE FROM vote_change WHERE (site_id, vote_id, version) IN (
  SELECT site_id, vote_id, version FROM (
    SELECT site_id, vote_id, version, total,
      row_number() OVER (PARTITION BY site_id, vote_id ORDER BY moves, version) AS place
    FROM (
      SELECT site_id, vote_id, version,
        CASE WHEN coalesce(score, -1) <> coalesce(lag(score) OVER vote_order, -1) THEN 1 ELSE 0 END AS moves,
        row_number() OVER vote_order AS number,
        count(*) OVER (PARTITION BY site_id, vote_id) AS total
      FROM vote_change WINDOW vote_order AS (PARTITION BY site_id, vote_id ORDER BY version)
    ) AS entries WHERE number > 1 AND number < total
  ) AS middle_entries WHERE place <= total - 50
)
"""


def upgrade() -> None:
    op.execute(PRUNE)


def downgrade() -> None:
    """Keep the shorter histories."""
