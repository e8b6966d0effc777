"""The second factors of the signed-in person: authenticator apps and recovery codes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import segno
from flask import current_app, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...accounts import account_mails, account_trail, factors, recovery_codes, totp, users
from ...accounts.models import User
from ...auth.access import requires
from ...auth.audit_trail import current_actor
from ...auth.mail import mailer
from ...core import clock
from ...core.errors import Conflict, DomainError, Invalid
from ...core.marked_texts import marked
from ...storage.db import db
from ..forms import read_line
from ..sign_in.confirmation import confirmed
from ..sign_in.limits import MAX_FIELD_LENGTH
from ..sign_in.refusal import refuse
from ..sign_in.second_step import count_code
from ..sign_in.views import check_form
from .required_factor import places_without_factor
from .views import signed_in_user

MAX_NAME_LENGTH = 100
#: The secret in groups, because people type it.
GROUP_LENGTH = 4


@requires("console", "read", needs_factor=False)
@confirmed
def new_totp() -> str:
    """Show a new secret as a QR code and as text; it is stored with the first code of the app."""
    secret, setup = totp.create_setup(current_app.config["SECRET_KEYS"], signed_in_user(), clock.now())
    return _render_setup(secret, setup)


@requires("console", "write", needs_factor=False)
@confirmed
def add_totp() -> Response:
    """Store the app of a QR code, or show the code again with the reason."""
    check_form()
    user, secret_keys, now = signed_in_user(), current_app.config["SECRET_KEYS"], clock.now()
    setup, name = request.form.get("setup", ""), request.form.get("name", "")
    try:
        count_code(user)
        code = request.form.get("code", "")[:MAX_FIELD_LENGTH]
        factor_name = read_name()
        totp.add_totp(secret_keys, user, setup, factor_name, code, now)
    except DomainError as error:
        db.session.rollback()
        return refuse(_render_again(setup, name, error), error)
    return finish_adding(user, factor_name, "factor_added", now)


@requires("console", "write", needs_factor=False)
@confirmed
def remove_totp(factor_id: UUID) -> Response:
    """Remove an authenticator app."""
    check_form()
    user = signed_in_user()
    factor_name = factors.remove_totp(user, factor_id, g.login_session.id, clock.now())
    return finish_removing(user, factor_name, "factor_removed")


def finish_adding(user: User, name: str, change: account_mails.Change, now: datetime) -> Response:
    """Record a new factor, commit, and show the recovery codes if it is the first one."""
    new_codes = factors.finish_adding(user, g.login_session.id, now)
    account_trail.record_factor(user, "factor.added", by=current_actor(), name=name)
    account_mails.notify_change(mailer(), user, change, now)
    db.session.commit()
    return show_codes(new_codes) if new_codes else redirect(url_for("console.profile"), 303)


def finish_removing(user: User, name: str, change: account_mails.Change) -> Response:
    """Record that a factor was removed, and commit.

    Raises: Conflict: a site or the server requires a factor, and this was the last one.
    """
    refuse_last_factor(user)
    account_trail.record_factor(user, "factor.removed", by=current_actor(), name=name)
    account_mails.notify_change(mailer(), user, change, clock.now())
    db.session.commit()
    return redirect(url_for("console.profile"), 303)


@requires("console", "write", needs_factor=False)
@confirmed
def renew_codes() -> Response:
    """Replace the recovery codes and show the new ones once."""
    check_form()
    user = signed_in_user()
    if not factors.has_factor(user.id):
        raise Conflict("Add a second factor first; recovery codes replace it.", code="no_factor")
    users.lock_user(user)
    codes = recovery_codes.replace_codes(user.id, clock.now())
    account_trail.record_factor(user, "factor.codes_renewed", by=current_actor(), name="recovery codes")
    account_mails.notify_change(mailer(), user, "recovery_codes_renewed", clock.now())
    db.session.commit()
    return show_codes(codes)


def refuse_last_factor(user: User) -> None:
    """Raise Conflict if a user without a factor needs one, after the removal of the last."""
    if places := places_without_factor(user):
        raise Conflict(
            marked("Add another second factor first. Required: %(choices)s.", choices=", ".join(places)),
            code="last_factor",
        )


def read_name() -> str:
    """Return the name of a factor from its form.

    Raises: Invalid: it is empty or too long, or has control characters.
    """
    try:
        return read_line("name", max_length=MAX_NAME_LENGTH, min_length=1)
    except Invalid as error:
        detail = marked(
            "Enter a name of at most %(max_name_length)s characters without control characters.",
            max_name_length=MAX_NAME_LENGTH,
        )
        raise Invalid(detail, pointer="/name") from error


def _render_again(setup: str, name: str, error: DomainError) -> str:
    """Return the page with the same secret, so that nothing is scanned again; a new one if it has expired."""
    user, secret_keys, now = signed_in_user(), current_app.config["SECRET_KEYS"], clock.now()
    try:
        secret = totp.read_setup(secret_keys, user, setup, now)
    except Invalid:
        secret, setup = totp.create_setup(secret_keys, user, now)
    return _render_setup(secret, setup, name=name[:MAX_NAME_LENGTH], problem=error.detail)


def _render_setup(secret: str, setup: str, **values: str) -> str:
    qr_code = segno.make(totp.setup_address(secret, signed_in_user().email), error="m", micro=False)
    # A phone reads dark modules on a light field only, so the colours are the same in a dark scheme.
    svg = qr_code.svg_inline(dark="#000", light="#fff", omitsize=True, border=4)
    groups = [secret[start : start + GROUP_LENGTH] for start in range(0, len(secret), GROUP_LENGTH)]
    return render_template("console/new_totp.html", qr_code=svg, groups=groups, setup=setup, **values)


def show_codes(codes: list[str]) -> Response:
    """Return the page that shows new recovery codes once."""
    text = "\n".join(codes) + "\n"
    response = make_response(render_template("console/recovery_codes.html", codes=codes, text=text))
    response.headers["Cache-Control"] = "no-store"
    return response
