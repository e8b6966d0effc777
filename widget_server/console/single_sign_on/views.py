"""Single sign-on of the server: its provider, the roles of groups, and the test. For owners of all sites."""

from __future__ import annotations

from typing import Any

from flask import current_app, g, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from ...accounts.oidc import people
from ...accounts.oidc.id_token import Claims
from ...accounts.oidc.provider import ProviderError, forget_providers
from ...accounts.oidc.settings import OidcSettings, find_settings, store_settings, stored_settings
from ...accounts.roles import ROLES
from ...auth import audit_trail
from ...auth.access import requires
from ...core import clock
from ...core.config import Config
from ...core.errors import DomainError, Unauthorized
from ...sites.models import Site
from ...storage.db import db
from ...web import rate_limits
from ...web.translations import translate as _
from ..sign_in.confirmation import confirmed
from ..sign_in.cookie import delete_attempt_cookie
from ..sign_in.single_sign_on import callback_address, person_of, read_answer, redirect_to_provider
from ..sign_in.views import check_form
from ..sites.switcher import visible_sites
from ..users.roles import ROLE_LABELS
from .provider_form import read_settings

#: Rows for new groups, below the stored ones; a form without script cannot add rows.
EMPTY_ROWS = 3
#: Tests of one person within `WINDOW_MINUTES`.
TESTS = 20
WINDOW_MINUTES = 10
MAX_SHOWN_CLAIM_LENGTH = 300


@requires("console", "read", right="manage_users")
def single_sign_on() -> str:
    """Show the provider, the roles of groups, and the test."""
    return _render()


@requires("console", "write", right="manage_users")
@confirmed
def save_provider() -> Response:
    """Store the provider, or show the form again with the reason."""
    check_form()
    config: Config = current_app.config["TILFREDS"]
    earlier = stored_settings(config.secret_keys)
    try:
        settings = read_settings(request.form, earlier, find_settings(config))
    except DomainError as error:
        db.session.rollback()
        return make_response(_render(form=request.form, problem=error.detail), error.status)
    return _store(earlier, settings)


@requires("console", "write", right="manage_users")
@confirmed
def remove_provider() -> Response:
    """Remove the provider of the console. Its roles of groups count in no new session."""
    check_form()
    return _store(stored_settings(current_app.config["SECRET_KEYS"]), None)


@requires("console", "read", right="manage_users")
def test_provider() -> Response:
    """Sign in at the provider in order to see its claims; the session stays as it is."""
    try:
        rate_limits.hit_minutes("sign-on test", str(g.login_session.id), TESTS, WINDOW_MINUTES)
        return redirect_to_provider("test", "")
    except ProviderError as error:
        return make_response(_render(test_problem=str(error)), 422)


@requires("console", "write", right="manage_users", runs_again=False)
def show_test() -> Response:
    """Show the claims of the person who signed in at the provider, and the roles that a sign-in would give."""
    try:
        settings, claims, _step = read_answer("test")
    except ProviderError as error:
        response = make_response(_render(test_problem=str(error)), 422)
    except Unauthorized as error:
        response = make_response(_render(test_problem=error.detail), 422)
    else:
        response = make_response(_render(result=_describe(settings, claims)))
        audit_trail.record("single_sign_on.tested", "single sign-on", issuer=settings.issuer, subject=claims["sub"])
        db.session.commit()
    delete_attempt_cookie(response)
    return response


def _store(earlier: OidcSettings | None, settings: OidcSettings | None) -> Response:
    """Replace the settings of the console, record it in the audit log, and commit."""
    store_settings(current_app.config["SECRET_KEYS"], settings, clock.now())
    before, after = to_values(earlier), to_values(settings)
    if (earlier.client_secret if earlier else "") != (settings.client_secret if settings else ""):
        before, after = {**before, "client_secret": "hidden"}, {**after, "client_secret": "changed"}
    audit_trail.record_change("single_sign_on.changed", "single sign-on", before, after)
    db.session.commit()
    forget_providers()
    return redirect(url_for("console.single_sign_on"), 303)


def to_values(settings: OidcSettings | None) -> dict[str, Any]:
    """Return the settings as the audit log stores them, without the secret."""
    names = ("name", "issuer", "client_id", "groups_claim", "links_by_email", "trusts_emails")
    values: dict[str, Any] = {name: getattr(settings, name, None) for name in names}
    rules = settings.group_roles if settings else ()
    values["group_roles"] = [f"{rule.group}: {rule.role} at {rule.site_id or 'all sites'}" for rule in rules]
    return values


def _describe(settings: OidcSettings, claims: Claims) -> dict[str, Any]:
    """Return what a sign-in with these claims would do, in words."""
    person = person_of(settings, claims)
    refusal, user = "", None
    try:
        user = people.find_account(settings, person)
        if user is not None and user.disabled_at is not None:
            refusal = _("This account is disabled.")
    except Unauthorized as error:
        refusal = error.detail
    roles = people.roles_after(user, person)
    names = {site.id: site.name for site in db.session.execute(select(Site.id, Site.name))}
    described = [
        (_(ROLE_LABELS[role]), names[site_id] if site_id else _("All sites")) for site_id, role in roles.items()
    ]
    return {
        "claims": [(name, _to_text(value)) for name, value in sorted(claims.items())],
        "person": person,
        "user": user,
        "roles": [] if refusal else described,
        "refusal": refusal,
    }


def _to_text(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text[:MAX_SHOWN_CLAIM_LENGTH]


def _render(**values: Any) -> str:
    config: Config = current_app.config["TILFREDS"]
    settings, stored = find_settings(config), stored_settings(config.secret_keys)
    shown_settings = settings or stored or OidcSettings("", "", "", groups_claim="groups")
    keys = {site.id: site.key for site in visible_sites()}
    rows = [
        (rule.group, rule.role, keys.get(rule.site_id, "") if rule.site_id else "")
        for rule in shown_settings.group_roles
    ]
    form = values.get("form")
    if form:
        rows = list(zip(*(form.getlist(name) for name in ("group", "group_role", "group_site")), strict=False))
    defaults = {"form": shown_settings, "problem": "", "test_problem": "", "result": None}
    return render_template(
        "console/single_sign_on.html",
        settings=settings,
        has_secret=bool(shown_settings.client_secret),
        rows=[*rows, *[("", "analyst", "")] * EMPTY_ROWS],
        redirect_uri=callback_address(),
        role_labels={role: _(ROLE_LABELS[role]) for role in ROLES},
        sites=visible_sites(),
        **{**defaults, **values},
    )
