"""Sign in with a passkey, which needs a script: only scripts reach passkeys."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template, request
from werkzeug.wrappers import Response

from ...accounts import passkeys
from ...accounts.models import User
from ...accounts.second_step import FirstStep
from ...auth.access import requires
from ...auth.csrf import refuse_foreign_post
from ...core import clock
from ...core.errors import DomainError
from ...web import rate_limits
from ...web.client_address import client_network
from .limits import ATTEMPTS_PER_SOURCE, WINDOW_MINUTES
from .local_path import to_local_path
from .refusal import refuse_and_record
from .start import start_session

#: A challenge costs little, and stores nothing.
OPTIONS_PER_SOURCE_PER_MINUTE = 60


@requires("anyone", "read")
def passkey_request_options() -> dict[str, Any]:
    """Return the challenge for the browser; the same for every account."""
    rate_limits.hit("passkey options", client_network(), OPTIONS_PER_SOURCE_PER_MINUTE)
    config = current_app.config
    server = passkeys.make_server(config["TILFREDS"].base_url)
    return passkeys.request_options(server, config["SECRET_KEYS"], clock.now())


@requires("anyone", "write")
def sign_in_with_passkey() -> Response:
    """Start a session with a signed challenge, or show the sign-in page with the reason."""
    refuse_foreign_post()
    next_path = to_local_path(request.form.get("next", ""))
    try:
        user = read_passkey(request.form.get("state", ""), request.form.get("credential", ""))
    except DomainError as error:
        page = render_template("console/sign_in.html", next_path=next_path, problem=error.detail)
        return refuse_and_record(page, error, "")
    return start_session(FirstStep(user, next_path), "passkey")


def read_passkey(state: str, answer: str) -> User:
    """Return the user whose passkey signed the challenge.

    Raises:
        Unauthorized: the passkey is not accepted.
        TooMany: there were too many attempts from this address.
    """
    rate_limits.hit_minutes("passkey source", client_network(), ATTEMPTS_PER_SOURCE, WINDOW_MINUTES)
    config = current_app.config
    server = passkeys.make_server(config["TILFREDS"].base_url)
    return passkeys.use_passkey(server, config["SECRET_KEYS"], state, answer, clock.now())
