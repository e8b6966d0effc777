"""The identities of single sign-on, the roles that its groups give, and the sessions in which these count."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_0052"
down_revision = "2026_12_01_0051"
branch_labels = None
depends_on = None

ID = sa.Uuid(as_uuid=True)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sign_on_identity",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_on_identity")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_sign_on_identity_user_id")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_sign_on_identity_issuer_subject")),
    )
    op.create_index("ix_sign_on_identity_user_id", "sign_on_identity", ["user_id"])
    for table_name, column_name in (("membership", "from_groups"), ("login_session", "is_sign_on")):
        with op.batch_alter_table(table_name) as table:
            table.add_column(sa.Column(column_name, sa.Boolean(), nullable=False, server_default=sa.false()))
        with op.batch_alter_table(table_name) as table:
            table.alter_column(column_name, existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    # An earlier version would let the roles of groups count in every session, and for ever.
    op.execute("DELETE FROM membership WHERE from_groups")
    op.execute("UPDATE login_session SET ended_at = CURRENT_TIMESTAMP WHERE is_sign_on AND ended_at IS NULL")
    with op.batch_alter_table("login_session") as table:
        table.drop_column("is_sign_on")
    with op.batch_alter_table("membership") as table:
        table.drop_column("from_groups")
    op.drop_table("sign_on_identity")
