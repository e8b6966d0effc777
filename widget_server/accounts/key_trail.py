"""Create, rotate and revoke API keys, and record it in the audit log. Flushes, never commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from ..core import clock
from ..core.errors import Conflict, NotFound
from ..storage.db import db
from . import audit
from .actors import Actor
from .api_keys import revoke_api_key
from .models import ApiKey
from .service import create_api_key, is_open


def create_key(
    site_id: UUID, name: str, scopes: Sequence[str], expires_at: datetime | None, *, by: Actor
) -> tuple[ApiKey, str]:
    """Create a key and return it with its text.

    Raises: Invalid: the key has expired already.
    """
    key, text = create_api_key(site_id, name, scopes, created_by=by.name, expires_at=expires_at)
    detail = {"name": name, "scopes": list(scopes), "expires_at": expires_at}
    audit.record(site_id, actor=by, action="api_key.created", target=name_of(key), detail=detail)
    return key, text


def rotate_key(site_id: UUID, key_id: UUID, overlap: timedelta, *, by: Actor) -> tuple[ApiKey, str]:
    """Create a key with the name, scopes and lifetime of another one, which ends after `overlap`.

    Raises:
        NotFound: the site has no such key.
        Conflict: the key has ended already.
    """
    now = clock.now()
    old_key = db.session.get(ApiKey, (site_id, key_id), with_for_update=True)
    if old_key is None:
        raise NotFound("API key not found.")
    if not is_open(old_key, now):
        raise Conflict("This API key has ended; create a new one.", code="key_ended")
    lifetime = old_key.expires_at - old_key.created_at if old_key.expires_at else None
    new_key, text = create_key(site_id, old_key.name, old_key.scopes, now + lifetime if lifetime else None, by=by)
    if not overlap:
        revoke_key(site_id, key_id, by=by)
        return new_key, text
    before = {"expires_at": old_key.expires_at}
    old_key.expires_at = min(now + overlap, old_key.expires_at or now + overlap)
    detail = {**audit.changes_between(before, {"expires_at": old_key.expires_at}), "replaced_by": new_key.id}
    audit.record(site_id, actor=by, action="api_key.rotated", target=name_of(old_key), detail=detail)
    db.session.flush()
    return new_key, text


def revoke_key(site_id: UUID, key_id: UUID, *, by: Actor) -> None:
    """Revoke a key.

    Raises: NotFound: the site has no such key.
    """
    key = revoke_api_key(site_id, key_id)
    audit.record(site_id, actor=by, action="api_key.revoked", target=name_of(key), detail={"name": key.name})


def name_of(key: ApiKey) -> str:
    return f"API key {key.id}"
