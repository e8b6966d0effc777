"""The second step of a sign-in: a code of an authenticator app, or a recovery code. It needs no script."""

from __future__ import annotations

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...accounts import account_mails, factors, passkeys, second_step
from ...accounts.models import User
from ...accounts.second_step import FirstStep
from ...auth.access import requires
from ...auth.csrf import refuse_foreign_post
from ...auth.mail import mailer
from ...core import clock
from ...core.errors import DomainError, Unauthorized
from ...core.marked_texts import N_
from ...web import rate_limits
from ...web.client_address import client_network
from .cookie import step_cookie
from .limits import ATTEMPTS_PER_ACCOUNT, ATTEMPTS_PER_SOURCE, MAX_FIELD_LENGTH, WINDOW_MINUTES
from .refusal import refuse, refuse_and_record
from .start import first_method, start_session

#: Guesses of one account in a day, so that codes of six digits cannot be tried for weeks.
ATTEMPTS_PER_DAY = 100
WRONG_CODE = N_("Wrong or used code. Enter the code that your app shows now, or an unused recovery code.")


@requires("anyone", "read")
def second_step_page() -> Response | str:
    """Show the form; without a first step, lead to it."""
    try:
        step = _find_step()
    except Unauthorized:
        return redirect(url_for("console.sign_in_page"), 303)
    return _render(step)


@requires("anyone", "write")
def check_second_step() -> Response:
    """Start a session with a valid code, or show the form again with the reason."""
    refuse_foreign_post()
    try:
        step = _find_step()
    except Unauthorized as error:
        return refuse(render_template("console/sign_in.html", next_path="", problem=error.detail), error)
    email = step.user.email
    try:
        kind = use_code(step.user, request.form.get("code", ""))
        if kind is None:
            raise Unauthorized(WRONG_CODE, code="wrong_code")
    except DomainError as error:
        return refuse_and_record(_render(step, error.detail), error, email)
    return start_session(step, f"{first_method(step)} and {kind}")


def use_code(user: User, code: str) -> factors.CodeKind | None:
    """Return the kind of a valid code, None for an invalid one; warn the user by mail of a used recovery code.

    Raises: TooMany: there were too many attempts.
    """
    count_code(user)
    now = clock.now()
    kind = factors.use_code(current_app.config["SECRET_KEYS"], user.id, code[:MAX_FIELD_LENGTH], now)
    if kind == "recovery code":
        account_mails.notify_change(mailer(), user, "recovery_code_used", now)
    return kind


def count_code(user: User) -> None:
    """Count an attempt to enter a code.

    Raises: TooMany: there were too many for this account or from this address.
    """
    rate_limits.hit_minutes("second step source", client_network(), ATTEMPTS_PER_SOURCE, WINDOW_MINUTES)
    rate_limits.hit_minutes("second step account", user.id.hex, ATTEMPTS_PER_ACCOUNT, WINDOW_MINUTES)
    rate_limits.hit_daily("second step day", user.id.hex, ATTEMPTS_PER_DAY)


def _find_step() -> FirstStep:
    token = request.cookies.get(step_cookie(), "")
    return second_step.read_token(current_app.config["SECRET_KEYS"], token, clock.now())


def _render(step: FirstStep, problem: str = "") -> str:
    has_passkey = bool(passkeys.list_passkeys(step.user.id))
    values = {"next_path": step.next_path, "has_passkey": has_passkey, "problem": problem}
    return render_template("console/second_step.html", **values)
