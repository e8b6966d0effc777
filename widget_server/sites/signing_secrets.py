"""Add and retire a site's signing secrets. Functions flush and never commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from ..core import clock, tokens
from ..core.errors import Invalid, NotFound
from ..storage.db import db
from .models import SigningSecret, Site


def add_signing_secret(site: Site, secret_keys: Sequence[bytes]) -> str:
    """Add a root secret and return the back end's form of it.

    The newest secret signs; older ones are accepted until they are retired.
    """
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
    """Return the secret for the owner's back end: the key of the one purpose that it signs for, never the root."""
    return f"tfs_{key_id}_{tokens.b64(tokens.derive(root, 'visitor'))}"


def list_signing_secrets(site: Site) -> Sequence[SigningSecret]:
    """Return all secrets of a site, retired ones included, the newest last."""
    query = select(SigningSecret).where(SigningSecret.site_id == site.id)
    return db.session.scalars(query.order_by(SigningSecret.created_at, SigningSecret.key_id)).all()


def retire_signing_secret(site: Site, key_id: str, at: datetime | None = None) -> None:
    """Reject signatures of this secret from `at` on (default: now).

    Raises:
        NotFound: the site has no secret with this id.
        Invalid: it is the newest one.
    """
    secrets = list_signing_secrets(site)
    secret = next((secret for secret in secrets if secret.key_id == key_id), None)
    if secret is None:
        raise NotFound("Signing secret not found; check its id.")
    if secret is secrets[-1]:
        raise Invalid("The newest signing secret cannot be retired; add a new one first.", pointer="/key_id")
    secret.retired_at = at or clock.now()
    db.session.flush()


def retire_all_but_newest(site: Site, at: datetime) -> int:
    """Reject signatures of all secrets but the newest from `at` on; return the number of newly retired ones."""
    secrets = db.session.scalars(select(SigningSecret).where(SigningSecret.site_id == site.id)).all()
    newest = max(secrets, key=lambda secret: (secret.created_at, secret.key_id))
    active = [secret for secret in secrets if secret.retired_at is None or secret.retired_at > at]
    retired = [secret for secret in active if secret is not newest]
    for secret in retired:
        secret.retired_at = at
    db.session.flush()
    return len(retired)
