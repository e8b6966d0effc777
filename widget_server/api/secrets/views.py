"""Routes of a site's signing secrets and API keys. Only the operator may call them: no key can create another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import current_app

from ...accounts import key_trail
from ...accounts.api_keys import api_keys_of
from ...accounts.scopes import check_scopes
from ...auth import audit_trail
from ...auth.access import requires
from ...auth.audit_trail import current_actor
from ...core.errors import Invalid
from ...sites.revocation import revoke_access
from ...sites.service import find_living_site
from ...sites.signatures import forget_keys
from ...sites.signing_secrets import add_signing_secret, list_signing_secrets, retire_signing_secret
from ...storage.db import db
from ...web.problems import log_target
from ..base import Resource
from .schemas import (
    ApiKeyOut,
    ApiKeysOut,
    NewApiKey,
    NewApiKeyOut,
    NewSecretsOut,
    Rotation,
    SigningSecretChange,
    SigningSecretOut,
    SigningSecretsOut,
)

blueprint = Resource("secrets", "Signing secrets and API keys of back ends.")


@blueprint.route("/sites/<key>/signing-secrets")
@requires("operator", "read")
@blueprint.response(200, SigningSecretsOut)
def list_secrets(key: str) -> dict[str, Any]:
    """List the signing secrets of a site, the newest last.

    Without their texts.
    """
    return {"signing_secrets": list_signing_secrets(find_living_site(key))}


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
    api_key, text = key_trail.create_key(site.id, **fields, by=current_actor())
    db.session.commit()
    return {**{name: getattr(api_key, name) for name in ApiKeyOut().fields}, "api_key": text}


@blueprint.route("/sites/<key>/api-keys/<uuid:key_id>/rotate", methods=["POST"])
@requires("operator", "write")
@blueprint.arguments(Rotation)
@blueprint.response(201, NewApiKeyOut)
def post_rotate(fields: dict[str, Any], key: str, key_id: UUID) -> dict[str, Any]:
    """Replace an API key by one with the same name, scopes and lifetime.

    The old one ends after `overlap_hours`. The secret text of the new one is shown only once.
    """
    site = find_living_site(key)
    overlap = timedelta(hours=fields["overlap_hours"])
    api_key, text = key_trail.rotate_key(site.id, key_id, overlap, by=current_actor())
    db.session.commit()
    return {**{name: getattr(api_key, name) for name in ApiKeyOut().fields}, "api_key": text}


@blueprint.route("/sites/<key>/api-keys/<uuid:key_id>", methods=["DELETE"])
@requires("operator", "write")
@blueprint.response(204)
def delete_api_key(key: str, key_id: UUID) -> None:
    """Revoke an API key."""
    site = find_living_site(key)
    key_trail.revoke_key(site.id, key_id, by=current_actor())
    log_target("key", key_id)
    db.session.commit()
