"""Sign in with an e-mail address and a password, and set a password with a link.

Both need no script. A link's code is behind `#` in its address, so a person without script pastes it.
"""

from __future__ import annotations

from flask import render_template, request
from werkzeug.wrappers import Response

from ...accounts import account_links, account_mails, account_trail, passwords, sign_in
from ...accounts.second_step import FirstStep
from ...accounts.users import MAX_EMAIL_LENGTH
from ...auth.access import requires
from ...auth.csrf import refuse_foreign_post
from ...auth.mail import mailer
from ...core import clock
from ...core.errors import DomainError
from ...storage.db import engines
from ...web import rate_limits
from ...web.client_address import client_network
from .limits import ATTEMPTS_PER_ACCOUNT, ATTEMPTS_PER_SOURCE, MAX_FIELD_LENGTH, WINDOW_MINUTES
from .local_path import to_local_path
from .refusal import refuse, refuse_and_record
from .start import finish_first_step


@requires("anyone", "read")
def sign_in_page() -> str:
    """Show the form."""
    return render_template("console/sign_in.html", next_path=to_local_path(request.args.get("next", "")))


@requires("anyone", "write")
def sign_in_with_password() -> Response:
    """Finish the first step of a sign-in, or show the form again with the reason."""
    refuse_foreign_post()
    email = request.form.get("email", "").strip()[:MAX_EMAIL_LENGTH]
    next_path = to_local_path(request.form.get("next", ""))
    try:
        _count_attempt(email)
        password = request.form.get("password", "")[:MAX_FIELD_LENGTH]
        user = sign_in.check_password(engines().read, email, password)
    except DomainError as error:
        page = render_template("console/sign_in.html", next_path=next_path, email=email, problem=error.detail)
        return refuse_and_record(page, error, email)
    return finish_first_step(FirstStep(user, next_path))


@requires("anyone", "read")
def set_password_page() -> str:
    """Show the form of an invitation or of a forgotten password."""
    return _render_set_password()


def _render_set_password(**values: str) -> str:
    lengths = {"min_length": passwords.MIN_LENGTH, "max_length": passwords.MAX_LENGTH}
    return render_template("console/set_password.html", **lengths, **values)


@requires("anyone", "write")
def set_password() -> Response:
    """Set the password of the link's user and sign in, or show the form again with the reason.

    A link proves no second factor, so a user who has one is asked for it.
    """
    refuse_foreign_post()
    code = request.form.get("code", "")[:MAX_FIELD_LENGTH].rpartition("#")[2]
    password = request.form.get("password", "")[:MAX_FIELD_LENGTH]
    try:
        rate_limits.hit_minutes("set password", client_network(), ATTEMPTS_PER_SOURCE, WINDOW_MINUTES)
        user, is_first = account_links.redeem_link(engines().read, code, password, clock.now())
    except DomainError as error:
        return refuse(_render_set_password(code=code, problem=error.detail), error)
    account_trail.record_password(user)
    if not is_first:
        account_mails.notify_change(mailer(), user, "password_changed", clock.now())
    # The link itself came by mail or from an owner, so its use is no surprise.
    return finish_first_step(FirstStep(user, ""), warns=False)


def _count_attempt(email: str) -> None:
    """Count an attempt to sign in.

    Raises: TooMany: there were too many for this account or from this address.
    """
    rate_limits.hit_minutes("sign-in source", client_network(), ATTEMPTS_PER_SOURCE, WINDOW_MINUTES)
    rate_limits.hit_minutes("sign-in account", email.lower(), ATTEMPTS_PER_ACCOUNT, WINDOW_MINUTES)
