"""Teams of users, with roles at sites."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_0047"
down_revision = "2026_12_01_0046"
branch_labels = None
depends_on = None

ALL_SITES = sa.text("site_id IS NULL")


def upgrade() -> None:
    op.create_table(
        "team",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_team"),
        sa.UniqueConstraint("name", name="uq_team_name"),
    )
    op.create_table(
        "team_member",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_team_member_team_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_team_member_user_id"),
        sa.PrimaryKeyConstraint("team_id", "user_id", name="pk_team_member"),
    )
    op.create_index("ix_team_member_user_id", "team_member", ["user_id"])
    op.create_table(
        "team_role",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_team_role_team_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_team_role_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_team_role"),
        sa.UniqueConstraint("team_id", "site_id", name="uq_team_role_team_id_site_id"),
    )
    op.create_index(
        "uq_team_role_all_sites",
        "team_role",
        ["team_id"],
        unique=True,
        sqlite_where=ALL_SITES,
        postgresql_where=ALL_SITES,
    )


def downgrade() -> None:
    op.drop_table("team_role")
    op.drop_table("team_member")
    op.drop_table("team")
