"""The passkeys of the signed-in person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app, g, render_template, request
from werkzeug.wrappers import Response

from ...accounts import factors, passkeys
from ...auth.access import requires
from ...core import clock
from ...core.errors import DomainError
from ...storage.db import db
from ..sign_in.confirmation import confirmed
from ..sign_in.refusal import refuse
from ..sign_in.views import check_form
from .factors import MAX_NAME_LENGTH, finish_adding, finish_removing, read_name
from .views import signed_in_user


@requires("console", "read", needs_factor=False)
@confirmed
def new_passkey() -> str:
    """Show the form whose script asks the browser for a passkey."""
    signed_in_user()
    return _render()


@requires("console", "read", needs_factor=False)
def passkey_creation_options() -> dict[str, Any]:
    """Return the challenge with which the browser creates a passkey."""
    config = current_app.config
    server = passkeys.make_server(config["TILFREDS"].base_url)
    return passkeys.creation_options(server, config["SECRET_KEYS"], signed_in_user(), clock.now())


@requires("console", "write", needs_factor=False)
@confirmed
def add_passkey() -> Response:
    """Store a new passkey, or show the form again with the reason."""
    check_form()
    config, user, now = current_app.config, signed_in_user(), clock.now()
    state, answer = request.form.get("state", ""), request.form.get("credential", "")
    try:
        name = read_name()
        server = passkeys.make_server(config["TILFREDS"].base_url)
        passkeys.add_passkey(server, config["SECRET_KEYS"], user, state, answer, name, now)
    except DomainError as error:
        db.session.rollback()
        return refuse(_render(request.form.get("name", "")[:MAX_NAME_LENGTH], error.detail), error)
    return finish_adding(user, name, "passkey_added", now)


@requires("console", "write", needs_factor=False)
@confirmed
def remove_passkey(factor_id: UUID) -> Response:
    """Remove a passkey."""
    check_form()
    user = signed_in_user()
    name = factors.remove_passkey(user, factor_id, g.login_session.id, clock.now())
    return finish_removing(user, name, "passkey_removed")


def _render(name: str = "", problem: str = "") -> str:
    return render_template("console/new_passkey.html", name=name, problem=problem)
