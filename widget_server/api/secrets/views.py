"""Routes of a site's signing secrets and API keys. Only the operator may call them: no key can create another."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app

from ...accounts.api_keys import api_keys_of, revoke_api_key
from ...accounts.scopes import check_scopes
from ...accounts.service import create_api_key
from ...auth import audit_trail
from ...auth.access import requires
from ...auth.audit_trail import current_actor
from ...core.errors import Invalid
from ...sites.revocation import revoke_access
from ...sites.service import find_living_site
from ...sites.signatures import forget_keys
from ...sites.signing_secrets import add_signing_secret, retire_signing_secret
from ...storage.db import db
from ...web.problems import log_target
from ..base import Resource
from .schemas import (
    ApiKeyOut,
    ApiKeysOut,
    NewApiKey,
    NewApiKeyOut,
    NewSecretsOut,
    SigningSecretChange,
    SigningSecretOut,
)

blueprint = Resource("secrets", "Signing secrets and API keys of back ends.")


@blueprint.route("/sites/<key>/signing-secrets", methods=["POST"])
@requires("operator", "write")
@blueprint.response(201, SigningSecretOut)
def post_signing_secret(key: str) -> dict[str, Any]:
    """Add a signing secret.

    Sign with the newest one. Signatures of older ones are accepted until they are retired.
    """
    site = find_living_site(key)
    secret = add_signing_secret(site, current_app.config["SECRET_KEYS"])
    audit_trail.record("signing_secret.created", f"site {site.key}", site_id=site.id)
    db.session.commit()
    forget_keys(site.id)
    return {"signing_secret": secret}


@blueprint.route("/sites/<key>/signing-secrets/<key_id>", methods=["PATCH"])
@requires("operator", "write")
@blueprint.arguments(SigningSecretChange)
@blueprint.response(204)
def patch_signing_secret(change: dict[str, Any], key: str, key_id: str) -> None:
    """Retire an older signing secret."""
    if not change["retired"]:
        raise Invalid("A secret cannot be reactivated; add a new one.", pointer="/retired")
    site = find_living_site(key)
    retire_signing_secret(site, key_id)
    log_target("secret", key_id)
    audit_trail.record("signing_secret.retired", f"signing secret {key_id}", site_id=site.id)
    db.session.commit()
    forget_keys(site.id)


@blueprint.route("/sites/<key>/revoke", methods=["POST"])
@requires("operator", "write")
@blueprint.response(200, NewSecretsOut)
def post_revoke(key: str) -> dict[str, Any]:
    """Revoke everything that opens a site, after a leak.

    All signing secrets, API keys, agent tokens and streams end at once. The answer has a new signing secret and a new
    API key. Pages show the survey again when your back end signs with the new secret.
    """
    site = find_living_site(key)
    secrets = revoke_access(site, current_app.config["SECRET_KEYS"], current_actor())
    log_target("site", site.key)
    db.session.commit()
    forget_keys(site.id)
    return {"signing_secret": secrets.signing_secret, "api_key": secrets.api_key}


@blueprint.route("/sites/<key>/api-keys")
@requires("operator", "read")
@blueprint.response(200, ApiKeysOut)
def list_api_keys(key: str) -> dict[str, Any]:
    """List the API keys of a site.

    Without their secret texts.
    """
    return {"api_keys": api_keys_of(find_living_site(key).id)}


@blueprint.route("/sites/<key>/api-keys", methods=["POST"])
@requires("operator", "write")
@blueprint.arguments(NewApiKey)
@blueprint.response(201, NewApiKeyOut)
def post_api_key(fields: dict[str, Any], key: str) -> dict[str, Any]:
    """Create an API key.

    Its secret text is shown only once.
    """
    fields["scopes"] = check_scopes(fields["scopes"])
    site = find_living_site(key)
    api_key, text = create_api_key(site.id, **fields, created_by=current_actor().name)
    audit_trail.record("api_key.created", f"API key {api_key.id}", site_id=site.id, **fields)
    db.session.commit()
    return {**{name: getattr(api_key, name) for name in ApiKeyOut().fields}, "api_key": text}


@blueprint.route("/sites/<key>/api-keys/<uuid:key_id>", methods=["DELETE"])
@requires("operator", "write")
@blueprint.response(204)
def delete_api_key(key: str, key_id: UUID) -> None:
    """Revoke an API key."""
    site = find_living_site(key)
    api_key = revoke_api_key(site.id, key_id)
    log_target("key", key_id)
    audit_trail.record("api_key.revoked", f"API key {key_id}", site_id=site.id, name=api_key.name)
    db.session.commit()
