"""Revoke everything that opens a site, after a leak. Flushes, never commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..accounts import audit
from ..accounts.actors import Actor
from ..accounts.api_keys import api_keys_of, revoke_api_key
from ..accounts.scopes import DEFAULT_SCOPES
from ..accounts.service import create_api_key
from ..core import clock
from ..storage.db import db
from .models import Site
from .signing_secrets import add_signing_secret, retire_all_but_newest

REPLACEMENT_KEY = "after revocation"


@dataclass(frozen=True)
class NewSecrets:
    """The texts that replace the revoked ones, displayed once."""

    signing_secret: str
    api_key: str


def revoke_access(site: Site, secret_keys: Sequence[bytes], actor: Actor) -> NewSecrets:
    """Retire all signing secrets, revoke all API keys, end all agent tokens and streams, and create new secrets."""
    now = clock.now()
    signing_secret = add_signing_secret(site, secret_keys)
    retired_count = retire_all_but_newest(site, now)
    active_keys = [key for key in api_keys_of(site.id) if key.revoked_at is None]
    for key in active_keys:
        revoke_api_key(site.id, key.id)
    _, api_key = create_api_key(site.id, REPLACEMENT_KEY, list(DEFAULT_SCOPES), created_by=actor.name)
    site.tokens_valid_after = now
    counts = {"signing_secrets": retired_count, "api_keys": len(active_keys)}
    audit.record(site.id, actor=actor, action="site.revoked", target=f"site {site.key}", detail=counts)
    db.session.flush()
    return NewSecrets(signing_secret, api_key)
