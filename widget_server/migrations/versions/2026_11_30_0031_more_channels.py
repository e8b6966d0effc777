"""More channels: the API checks them, so that a new one needs no migration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_0031"
down_revision = "2026_11_30_0030"
branch_labels = None
depends_on = None

NAME = "ck_conversation_channel"
EARLIER_CHANNELS = "channel in ('chat', 'phone', 'email', 'in_person')"


def upgrade() -> None:
    with op.batch_alter_table("conversation") as batch:
        batch.drop_constraint(op.f(NAME), type_="check")


def downgrade() -> None:
    conversation = sa.table("conversation", sa.column("channel", sa.String))
    op.execute(conversation.update().where(sa.text(f"not ({EARLIER_CHANNELS})")).values(channel="chat"))
    with op.batch_alter_table("conversation") as batch:
        batch.create_check_constraint(op.f(NAME), EARLIER_CHANNELS)
