"""Second factors: authenticator apps and recovery codes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0034"
down_revision = "2026_11_30_0033"
branch_labels = None
depends_on = None

ID = sa.Uuid(as_uuid=True)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "totp_factor",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_totp_factor")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_totp_factor_user_id")),
    )
    op.create_index("ix_totp_factor_user_id", "totp_factor", ["user_id"])
    op.create_table(
        "recovery_code",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_recovery_code_user_id")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_code_code_hash")),
    )
    op.create_index("ix_recovery_code_user_id", "recovery_code", ["user_id"])


def downgrade() -> None:
    for name in ("recovery_code", "totp_factor"):
        op.drop_table(name)
