"""The API keys and signing secrets of a site: create, rotate and end them. For owners."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...accounts import key_trail
from ...accounts.api_keys import api_keys_of
from ...accounts.scopes import DEFAULT_SCOPES, check_scopes
from ...accounts.service import is_open
from ...auth import audit_trail
from ...auth.access import requires
from ...auth.audit_trail import current_actor
from ...core import clock
from ...core.errors import Invalid
from ...core.marked_texts import N_, marked
from ...sites.models import Site
from ...sites.revocation import revoke_access
from ...sites.signatures import forget_keys
from ...sites.signing_secrets import (
    add_signing_secret,
    list_signing_secrets,
    retire_all_but_newest,
    retire_signing_secret,
)
from ...storage.db import db
from ...web.translations import translate as _
from ..forms import read_line
from ..sign_in.confirmation import confirmed
from ..sign_in.views import check_form
from ..sites.views import site_of
from .keys import KEYS, SCOPE_LABELS
from .views import PATH, frame_values

MAX_NAME_LENGTH = 100
#: How long a key or a secret works beside its successor, in hours.
OVERLAPS = {0: N_("Not at all"), 1: N_("1 hour"), 24: N_("1 day"), 168: N_("7 days"), 720: N_("30 days")}
DEFAULT_OVERLAP = 24
#: When a new key expires, in days; 0 for never.
LIFETIMES = {0: N_("Never"), 30: N_("30 days"), 90: N_("90 days"), 365: N_("1 year")}


def add_rules(blueprint: Blueprint) -> None:
    """Add the page and its forms."""
    path = f"{PATH}/keys"
    blueprint.add_url_rule(path, "settings_keys", show_keys)
    for name, view in (
        ("create", create_key),
        ("<uuid:key_id>/rotate", rotate_key),
        ("<uuid:key_id>/revoke", revoke_key),
        ("secrets/rotate", rotate_secret),
        ("secrets/<secret_id>/retire", retire_secret),
        ("end-everything", end_everything),
    ):
        blueprint.add_url_rule(f"{path}/{name}", view.__name__, view, methods=["POST"])


@requires("console", "read", right="manage_keys")
def show_keys(key: str) -> str:
    """Show the keys and the secrets, without their texts."""
    return _render(site_of(key))


@requires("console", "write", right="manage_keys")
@confirmed
def create_key(key: str) -> Response:
    """Create an API key, and show its text once."""
    check_form()
    site = site_of(key)
    try:
        name = read_line("name", min_length=1, max_length=MAX_NAME_LENGTH)
        days = _choice("days", LIFETIMES)
        scopes = check_scopes(request.form.getlist("scopes"))
    except Invalid as error:
        db.session.rollback()
        typed = {"name": request.form.get("name", ""), "scopes": request.form.getlist("scopes")}
        return make_response(_render(site, problems={"": error.detail}, typed=typed), error.status)
    expires_at = clock.now() + timedelta(days=days) if days else None
    text = key_trail.create_key(site.id, name, scopes, expires_at, by=current_actor())[1]
    return _commit(site, [(_("API key"), text)])


@requires("console", "write", right="manage_keys")
@confirmed
def rotate_key(key: str, key_id: UUID) -> Response:
    """Replace an API key, which works beside its successor for the chosen time, and show the new one once."""
    check_form()
    site = site_of(key)
    overlap = timedelta(hours=_choice("overlap", OVERLAPS))
    text = key_trail.rotate_key(site.id, key_id, overlap, by=current_actor())[1]
    return _commit(site, [(_("API key"), text)])


@requires("console", "write", right="manage_keys")
@confirmed
def revoke_key(key: str, key_id: UUID) -> Response:
    """Revoke an API key, which also ends the agent tokens that it asked for."""
    check_form()
    site = site_of(key)
    key_trail.revoke_key(site.id, key_id, by=current_actor())
    db.session.commit()
    return redirect(url_for("console.settings_keys", key=site.key), 303)


@requires("console", "write", right="manage_keys")
@confirmed
def rotate_secret(key: str) -> Response:
    """Add a signing secret, end the older ones after the chosen time, and show the new one once."""
    check_form()
    site = site_of(key)
    hours = _choice("overlap", OVERLAPS)
    secret = add_signing_secret(site, current_app.config["SECRET_KEYS"])
    retire_all_but_newest(site, clock.now() + timedelta(hours=hours))
    audit_trail.record("signing_secret.created", f"site {site.key}", site_id=site.id, overlap_hours=hours)
    return _commit(site, [(_("Signing secret"), secret)])


@requires("console", "write", right="manage_keys")
@confirmed
def retire_secret(key: str, secret_id: str) -> Response:
    """Reject the signatures of an older secret from now on."""
    check_form()
    site = site_of(key)
    retire_signing_secret(site, secret_id)
    audit_trail.record("signing_secret.retired", f"signing secret {secret_id}", site_id=site.id)
    db.session.commit()
    forget_keys(site.id)
    return redirect(url_for("console.settings_keys", key=site.key), 303)


@requires("console", "write", right="manage_keys")
@confirmed
def end_everything(key: str) -> Response:
    """End all keys, secrets, agent tokens and streams of the site after a leak, and show their successors once."""
    check_form()
    site = site_of(key)
    secrets = revoke_access(site, current_app.config["SECRET_KEYS"], current_actor())
    return _commit(site, [(_("Signing secret"), secrets.signing_secret), (_("API key"), secrets.api_key)])


def _choice(name: str, choices: dict[int, str]) -> int:
    number = request.form.get(name, type=int)
    if number not in choices:
        raise Invalid(marked("Choose one of the values of the list for “%(name)s”.", name=name), pointer=f"/{name}")
    return number


def _commit(site: Site, new_texts: list[tuple[str, str]]) -> Response:
    db.session.commit()
    forget_keys(site.id)
    response = make_response(_render(site, new_texts=new_texts))
    response.headers["Cache-Control"] = "no-store"
    return response


def _render(site: Site, **values: Any) -> str:
    now = clock.now()
    keys = api_keys_of(site.id)
    secrets = list_signing_secrets(site)
    return render_template(
        "console/settings_keys.html",
        **frame_values(site, KEYS),
        keys=[key for key in keys if is_open(key, now)],
        ended_keys=[key for key in keys if not is_open(key, now)],
        secrets=[secret for secret in secrets if secret.retired_at is None or secret.retired_at > now],
        scope_labels=SCOPE_LABELS,
        overlaps=OVERLAPS,
        default_overlap=DEFAULT_OVERLAP,
        lifetimes=LIFETIMES,
        **{"new_texts": [], "problems": {}, "typed": {"name": "", "scopes": DEFAULT_SCOPES}, **values},
    )
