"""The audit log: a chain of decisions for each site, and one for the server.

Each entry is written in the transaction that it describes. Its hash is an HMAC with a key derived from the secret
keys, over its values and the previous hash. So changing, removing or reordering an entry breaks the chain from there
on, and a person who can write the database but does not have the secret keys cannot compute the hashes again. Entries
removed at the end leave an intact chain; `audit_chain.py` finds that with an anchor that is kept elsewhere.

Writers lock the newest entry. If two create the first entry of a chain at once, the primary key rejects one, which
runs again (auth/access.py).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any, Literal, get_args
from uuid import UUID

from sqlalchemy import select

from ..core import clock, tokens
from ..storage.db import db, secret_keys
from .actors import Actor
from .models import AuditEntry

log = logging.getLogger("tilfreds.audit")

Action = Literal[
    "sign_in.succeeded",
    "sign_in.refused",
    "user.invited",
    "user.created",
    "user.linked",
    "user.link_created",
    "user.password_set",
    "user.sessions_ended",
    "user.disabled",
    "user.enabled",
    "factor.added",
    "factor.removed",
    "factor.codes_renewed",
    "role.changed",
    "team.created",
    "team.removed",
    "team.member_added",
    "team.member_removed",
    "api_key.created",
    "api_key.rotated",
    "api_key.revoked",
    "signing_secret.created",
    "signing_secret.retired",
    "site.created",
    "site.changed",
    "site.revoked",
    "site.removed",
    "site.restored",
    "survey.created",
    "survey.changed",
    "survey.published",
    "vote.excluded",
    "vote.restored",
    "vote.erased",
    "surge.excluded",
    "surge.kept",
    "visitor.erased",
    "visitor.merged",
    "visitor.exported",
    "conversation.erased",
    "conversation.exported",
    "agent.revoked",
    "agent.linked",
    "mail.changed",
    "single_sign_on.changed",
    "single_sign_on.tested",
    "audit.exported",
]
ACTIONS: tuple[Action, ...] = get_args(Action)
#: The chain of entries that belong to no site, such as sign-ins.
SERVER = UUID(int=0)
KEY_PURPOSE = "audit"
MAX_NAME_LENGTH = 300
#: The columns that the hash covers, in this order.
HASHED_COLUMNS = (
    "site_id",
    "number",
    "at",
    "actor",
    "actor_kind",
    "actor_id",
    "action",
    "target",
    "detail",
    "previous_hash",
)


def record(
    site_id: UUID | None, *, actor: Actor, action: Action, target: str, detail: Mapping[str, Any] | None = None
) -> None:
    """Add an entry to the chain of a site, or of the server. Flushes, never commits.

    Without a secret key, which only a restore may lack, there is no entry, because its hash would be invalid.
    """
    if not (keys := secret_keys()):
        log.warning("no secret key: %s of %s is not in the audit log", action, target)
        return
    chain = site_id or SERVER
    last = _lock_newest_entry(chain)
    behalf = {"by": actor.on_behalf_of} if actor.on_behalf_of else {}
    values = {
        "site_id": chain,
        "number": last.number + 1 if last else 1,
        "at": clock.now(),
        "actor": actor.name[:MAX_NAME_LENGTH],
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "action": action,
        "target": target[:MAX_NAME_LENGTH],
        "detail": {**to_plain(detail or {}), **behalf},
        "previous_hash": last.hash if last else "",
    }
    db.session.add(AuditEntry(**values, hash=compute_hash(derive_key(keys[0]), values)))
    db.session.flush()


def _lock_newest_entry(chain: UUID) -> AuditEntry | None:
    """Return the newest entry, locked until this transaction ends.

    Another writer may add an entry while this one waits for the lock, so it reads until the locked entry is the newest.
    """
    query = select(AuditEntry).where(AuditEntry.site_id == chain).order_by(AuditEntry.number.desc()).limit(1)
    locked_entry = None
    while (last := db.session.scalars(query.with_for_update()).one_or_none()) != locked_entry:
        locked_entry = last
    return locked_entry


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that differ, as the detail of an entry."""
    old, new = to_plain(before), to_plain(after)
    names = [name for name in new if old.get(name) != new[name]]
    return {"before": {name: old.get(name) for name in names}, "after": {name: new[name] for name in names}}


def to_plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of the values as JSON has them."""
    plain_values: dict[str, Any] = json.loads(json.dumps(dict(values), default=str))
    return plain_values


def derive_key(secret_key: bytes) -> bytes:
    return tokens.derive(secret_key, KEY_PURPOSE)


def compute_hash(key: bytes, values: Any) -> str:
    """Return the hash of an entry, whose columns are the items of `values`."""
    hashed_values = [values[name] for name in HASHED_COLUMNS]
    text = json.dumps(hashed_values, default=str, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return tokens.mac(key, text.encode()).hex()
