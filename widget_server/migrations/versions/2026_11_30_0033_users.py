"""Users, their roles and links, and whose session it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0033"
down_revision = "2026_11_30_0032"
branch_labels = None
depends_on = None

ID = sa.Uuid(as_uuid=True)
MOMENT = sa.DateTime(timezone=True)
ALL_SITES = sa.text("site_id IS NULL")


def upgrade() -> None:
    create_user()
    create_membership()
    create_account_link()
    op.add_column("login_session", sa.Column("last_used_at", MOMENT, nullable=True))
    op.execute("UPDATE login_session SET last_used_at = created_at")
    with op.batch_alter_table("login_session") as table:
        table.add_column(sa.Column("user_id", ID, nullable=True))
        table.add_column(sa.Column("user_agent", sa.String(200), nullable=False, server_default=""))
        table.alter_column("last_used_at", existing_type=MOMENT, nullable=False)
        table.alter_column("link_hash", existing_type=sa.String(64), nullable=True)
        table.create_foreign_key("fk_login_session_user_id", "user", ["user_id"], ["id"])
    with op.batch_alter_table("login_session") as table:
        table.alter_column("user_agent", existing_type=sa.String(200), server_default=None)
    op.create_index("ix_login_session_user_id", "login_session", ["user_id"])


def downgrade() -> None:
    op.execute("DELETE FROM login_session WHERE link_hash IS NULL")
    op.drop_index("ix_login_session_user_id", "login_session")
    with op.batch_alter_table("login_session") as table:
        table.drop_constraint("fk_login_session_user_id", type_="foreignkey")
        table.alter_column("link_hash", existing_type=sa.String(64), nullable=False)
        for name in ("user_id", "user_agent", "last_used_at"):
            table.drop_column(name)
    for name in ("account_link", "membership", "user"):
        op.drop_table(name)


def create_user() -> None:
    op.create_table(
        "user",
        sa.Column("id", ID, nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
    )


def create_membership() -> None:
    op.create_table(
        "membership",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("site_id", ID, nullable=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_membership_user_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_membership_site_id")),
        sa.UniqueConstraint("user_id", "site_id", name=op.f("uq_membership_user_id_site_id")),
    )
    op.create_index(
        "uq_membership_all_sites",
        "membership",
        ["user_id"],
        unique=True,
        sqlite_where=ALL_SITES,
        postgresql_where=ALL_SITES,
    )


def create_account_link() -> None:
    op.create_table(
        "account_link",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_link")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_account_link_user_id")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_account_link_code_hash")),
    )
    op.create_index("ix_account_link_user_id", "account_link", ["user_id"])
