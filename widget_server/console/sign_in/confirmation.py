"""Ask for the password or a factor again before a change that could take over an account.

What the person has typed is kept: the page that asks contains the fields of the form, and sends them with the proof to
the same address.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import current_app, g, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from ...accounts import confirmation, factors, passkeys, passwords
from ...accounts.models import User
from ...auth.access import requires
from ...auth.signed_in import check_again, check_console
from ...core import clock
from ...core.errors import DomainError, Forbidden, Invalid
from ...storage.db import db
from ...web import rate_limits
from .limits import ATTEMPTS_PER_ACCOUNT, MAX_FIELD_LENGTH, WINDOW_MINUTES
from .local_path import to_local_path
from .passkeys import read_passkey
from .refusal import refuse
from .second_step import use_code
from .views import check_form

PROOF_FIELDS = ("proof_password", "proof_code", "proof_link", "proof_state", "proof_credential")

View = Callable[..., Any]


def confirmed(view: View) -> View:
    """Declare that a view needs a recent sign-in or confirmation. Place it below `@requires`."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if confirmation.is_recent(g.login_session, clock.now()):
            return view(*args, **kwargs)
        if request.method == "GET":
            return redirect(url_for("console.confirm_page", next=request.path), 303)
        refusal = _read_proof()
        if refusal:
            return refusal
        # Storing the proof released the locks, so the rights may have changed since they were read.
        check_console("write")
        return view(*args, **kwargs)

    guarded.needs_confirmation = True  # type: ignore[attr-defined]
    return guarded


@requires("console", "read", needs_factor=False)
def confirm_page() -> str:
    """Show the form that leads to a page which needs a confirmation."""
    return _render(url_for("console.confirm"), [("next", to_local_path(request.args.get("next", "")))])


@requires("console", "write", needs_factor=False)
def confirm() -> Response:
    """Check the proof and lead to the page."""
    refusal = _read_proof()
    return refusal or redirect(to_local_path(request.form.get("next", "")) or url_for("console.profile"), 303)


def _read_proof() -> Response | None:
    """Store the confirmation of a form, and return None; return the page that asks if its proof is missing or wrong."""
    check_form()
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in PROOF_FIELDS]
    session_id = g.login_session.id
    try:
        if not any(name in request.form for name in PROOF_FIELDS):
            raise Forbidden("Enter your password to continue.", code="confirmation")
        _check_proof(g.rights.user)
    except DomainError as error:
        problem = "" if error.code == "confirmation" else error.detail
        return refuse(_render(request.path, fields, problem), error)
    confirmation.confirm(g.login_session, clock.now())
    db.session.commit()
    g.who = f"session={session_id}"
    return None


def _check_proof(user: User | None) -> None:
    password, code, link = (request.form.get(name, "")[:MAX_FIELD_LENGTH] for name in PROOF_FIELDS[:3])
    if user is None:
        _use_link(link)
    elif "proof_credential" in request.form:
        signer = read_passkey(request.form.get("proof_state", ""), request.form["proof_credential"])
        if signer.id != user.id:
            raise Invalid("This passkey belongs to another account.", pointer="/proof_credential")
    elif code:
        if use_code(user, code) is None:
            raise Invalid("This code is wrong or was used before.", pointer="/proof_code")
    else:
        rate_limits.hit_minutes("confirm", user.id.hex, ATTEMPTS_PER_ACCOUNT, WINDOW_MINUTES)
        password_hash = user.password_hash
        # Release the writing connection: the hash takes longer than a vote may wait.
        db.session.commit()
        if not passwords.is_correct(password_hash, password):
            raise Invalid("The password is wrong.", pointer="/proof_password")
        check_again(user)


def _use_link(link: str) -> None:
    token = link.strip().rpartition("#")[2]
    try:
        confirmation.use_owner_link(current_app.config["SECRET_KEYS"], token, clock.now())
    except IntegrityError as error:
        raise Forbidden("This link was used before. Each link works once.", code="link_used") from error


def _render(address: str, fields: list[tuple[str, str]], problem: str = "") -> str:
    """Return the page that asks for the proof, with the fields that the person has filled in."""
    user = g.rights.user
    return render_template(
        "console/confirm.html",
        address=address,
        fields=[(name, value) for name, value in fields if name != "form_token"],
        minutes=confirmation.VALIDITY // timedelta(minutes=1),
        user=user,
        has_app=user is not None and factors.has_factor(user.id),
        has_passkey=user is not None and bool(passkeys.list_passkeys(user.id)),
        problem=problem,
    )
