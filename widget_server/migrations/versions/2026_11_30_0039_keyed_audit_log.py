"""Name who made each entry of the audit log, key its hashes, and add the server's own chain."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from datetime import UTC
from typing import Any

import sqlalchemy as sa
from alembic import context, op
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.dialects.postgresql import JSONB

revision = "2026_11_30_0039"
down_revision = "2026_11_30_0038"
branch_labels = None
depends_on = None

log = logging.getLogger("tilfreds.migrations")
ID = sa.Uuid(as_uuid=True)
Hasher = Callable[[bytes], str]
EARLIER_COLUMNS = ("site_id", "number", "at", "actor", "action", "target", "detail", "previous_hash")
COLUMNS = (*EARLIER_COLUMNS[:4], "actor_kind", "actor_id", *EARLIER_COLUMNS[4:])
ENTRY = sa.table(
    "audit_entry",
    sa.column("site_id", ID),
    sa.column("number", sa.Integer()),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("actor", sa.String()),
    sa.column("actor_kind", sa.String()),
    sa.column("actor_id", ID),
    sa.column("action", sa.String()),
    sa.column("target", sa.String()),
    sa.column("detail", sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")),
    sa.column("previous_hash", sa.String()),
    sa.column("hash", sa.String()),
)


def upgrade() -> None:
    with op.batch_alter_table("audit_entry") as table:
        table.drop_constraint(op.f("fk_audit_entry_site_id"), type_="foreignkey")
        table.alter_column("actor", existing_type=sa.String(200), type_=sa.String(300), existing_nullable=False)
        table.alter_column("target", existing_type=sa.String(200), type_=sa.String(300), existing_nullable=False)
        table.add_column(sa.Column("actor_kind", sa.String(20), nullable=False, server_default=""))
        table.add_column(sa.Column("actor_id", ID, nullable=True))
    with op.batch_alter_table("audit_entry") as table:
        table.alter_column("actor_kind", existing_type=sa.String(20), server_default=None)
    op.create_index("ix_audit_entry_at", "audit_entry", ["at", "site_id", "number"])
    if secret_keys := context.config.attributes.get("secret_keys"):
        rewrite_hashes(EARLIER_COLUMNS, plain_hash, COLUMNS, keyed_hasher(secret_keys[0]))
    else:
        log.warning("the hashes of the audit log are not keyed: there is no secret key")


def downgrade() -> None:
    op.execute(sa.delete(ENTRY).where(sa.not_(ENTRY.c.site_id.in_(sa.select(sa.column("id", ID)).select_from(SITE)))))
    long_values = sa.or_(sa.func.length(ENTRY.c.actor) > 200, sa.func.length(ENTRY.c.target) > 200)
    shortened = {name: sa.func.substr(ENTRY.c[name], 1, 200) for name in ("actor", "target")}
    op.execute(sa.update(ENTRY).where(long_values).values(shortened))
    if secret_keys := context.config.attributes.get("secret_keys"):
        rewrite_hashes(COLUMNS, keyed_hasher(secret_keys[0]), EARLIER_COLUMNS, plain_hash)
    op.drop_index("ix_audit_entry_at", "audit_entry")
    with op.batch_alter_table("audit_entry") as table:
        table.drop_column("actor_id")
        table.drop_column("actor_kind")
        table.alter_column("target", existing_type=sa.String(300), type_=sa.String(200), existing_nullable=False)
        table.alter_column("actor", existing_type=sa.String(300), type_=sa.String(200), existing_nullable=False)
        table.create_foreign_key(op.f("fk_audit_entry_site_id"), "site", ["site_id"], ["id"])


SITE = sa.table("site", sa.column("id", ID))


def rewrite_hashes(
    old_columns: tuple[str, ...], old_hash: Hasher, new_columns: tuple[str, ...], new_hash: Hasher
) -> None:
    """Replace the hashes of valid entries. An entry that was changed keeps its hash, so that it stays invalid."""
    connection = op.get_bind()
    site_id, number, old_previous, new_previous = None, 0, "", ""
    rows = connection.execute(sa.select(ENTRY).order_by(ENTRY.c.site_id, ENTRY.c.number)).mappings().all()
    for row in rows:
        values = {**row, "at": row["at"] if row["at"].tzinfo else row["at"].replace(tzinfo=UTC)}
        if row["site_id"] != site_id:
            site_id, number, old_previous, new_previous = row["site_id"], 0, "", ""
        number += 1
        is_valid = (row["number"], row["previous_hash"]) == (number, old_previous)
        is_valid = is_valid and old_hash(to_text(old_columns, values)) == row["hash"]
        changed_hash = row["hash"]
        if is_valid:
            changed_hash = new_hash(to_text(new_columns, {**values, "previous_hash": new_previous}))
            is_row = (ENTRY.c.site_id == site_id) & (ENTRY.c.number == row["number"])
            connection.execute(sa.update(ENTRY).where(is_row).values(previous_hash=new_previous, hash=changed_hash))
        number, old_previous, new_previous = row["number"], row["hash"], changed_hash


def to_text(columns: tuple[str, ...], values: Any) -> bytes:
    hashed_values = [values[name] for name in columns]
    text = json.dumps(hashed_values, default=str, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def plain_hash(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def keyed_hasher(secret_key: bytes) -> Hasher:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"tilfreds/audit").derive(secret_key)
    return lambda text: hmac.new(key, text, hashlib.sha256).hexdigest()
