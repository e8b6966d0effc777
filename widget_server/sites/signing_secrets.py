"""A site's signing secrets: made, and retired. Flushes, never commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from ..core import clock, tokens
from ..core.errors import Invalid, NotFound
from ..storage.db import db
from .models import SigningSecret, Site


def add_signing_secret(site: Site, secret_keys: Sequence[bytes]) -> str:
    """A further root secret; the newest signs, older ones verify until retired. Returns the back end's form of it."""
    db.session.flush()
    count = len(db.session.scalars(select(SigningSecret.key_id).where(SigningSecret.site_id == site.id)).all())
    key_id = f"k{count + 1}"
    root = tokens.random_key()
    db.session.add(
        SigningSecret(site_id=site.id, key_id=key_id, sealed=tokens.seal(secret_keys, root), created_at=clock.now())
    )
    db.session.flush()
    return back_end_secret(key_id, root)


def back_end_secret(key_id: str, root: bytes) -> str:
    """What the owner's back end keeps: the key of the one purpose it signs for, never the root."""
    return f"tfs_{key_id}_{tokens.b64(tokens.derive(root, 'visitor'))}"


def retire_signing_secret(site: Site, key_id: str, at: datetime | None = None) -> None:
    """Refuse what this key signed from `at` on (default: at once). The newest one cannot be retired."""
    secrets = db.session.scalars(
        select(SigningSecret).where(SigningSecret.site_id == site.id).order_by(SigningSecret.created_at)
    ).all()
    found = [secret for secret in secrets if secret.key_id == key_id]
    if not found:
        raise NotFound("This site has no signing secret of that id.")
    if found[0] is secrets[-1]:
        raise Invalid("Make the new signing secret before retiring the newest one.", pointer="/key_id")
    found[0].retired_at = at or clock.now()
    db.session.flush()
