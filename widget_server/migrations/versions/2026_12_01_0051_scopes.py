"""Finer scopes of API keys: what `write` allowed until now is several scopes."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_0051"
down_revision = "2026_12_01_0050"
branch_labels = None
depends_on = None

#: Scopes that `write` contained. Reading the audit log was part of `read`, and needs its scope from now on.
PARTS_OF_WRITE = ["settings", "moderate", "erase", "agent_tokens"]
KEY = sa.table("api_key", sa.column("id", sa.Uuid()), sa.column("scopes", sa.JSON()))


def upgrade() -> None:
    change_scopes(lambda scopes: [*scopes, *PARTS_OF_WRITE] if "write" in scopes else scopes)


def downgrade() -> None:
    # A key with a part of `write` keeps less than it had: an earlier version would allow it everything.
    change_scopes(lambda scopes: [scope for scope in scopes if scope in ("read", "write")])


def change_scopes(change) -> None:  # type: ignore[no-untyped-def]
    connection = op.get_bind()
    for key_id, scopes in connection.execute(sa.select(KEY.c.id, KEY.c.scopes)).all():
        old_scopes = json.loads(scopes) if isinstance(scopes, str) else list(scopes or [])
        if (new_scopes := change(old_scopes)) != old_scopes:
            connection.execute(KEY.update().where(KEY.c.id == key_id).values(scopes=new_scopes))
