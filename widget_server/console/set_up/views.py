"""Set up an empty server: the owner's account and the first site, in one form.

It needs no script. The link's code is behind `#` in its address, so a person without script pastes it.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, g, make_response, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ...accounts import passwords, set_up, sign_in
from ...accounts.actors import Actor
from ...accounts.models import User
from ...auth.access import requires
from ...auth.csrf import refuse_foreign_post
from ...core import clock
from ...core.errors import DomainError, Forbidden, Invalid
from ...storage.db import db, engines
from ...web import rate_limits
from ...web.client_address import client_network
from ..sign_in.cookie import set_session_cookie
from ..sign_in.limits import ATTEMPTS_PER_SOURCE, MAX_FIELD_LENGTH, WINDOW_MINUTES
from ..sign_in.refusal import refuse
from ..sites.site_form import (
    Problems,
    check_site_form,
    create_checked_site,
    read_form,
    read_site_form,
    site_choices,
)


@requires("anyone", "read")
def set_up_page() -> str:
    """Show the form, or where to sign in once the server is set up."""
    with Session(engines().read) as reading:
        return _render(is_done=not set_up.is_empty(reading))


@requires("anyone", "write", runs_again=False)
def set_up_server() -> Response:
    """Create the owner and the first site and lead to its installation, or show the form again with the reasons."""
    refuse_foreign_post()
    form = {**read_form("email", "name"), **read_site_form(), "code": _read_code()}
    problems: Problems = {}
    try:
        rate_limits.hit_minutes("set up", client_network(), ATTEMPTS_PER_SOURCE, WINDOW_MINUTES)
        with Session(engines().read) as reading:
            _check_link(reading, form["code"])
        settings = check_site_form(form, problems)
        owner = _check_owner(form, problems)
        if owner is None or problems:
            return make_response(_render(form=form, problems=problems), Invalid.status)
        return _store(owner, settings, form["code"])
    except DomainError as error:
        is_done = error.code == "set_up_done"
        return refuse(_render(form=form, problem=error.detail, is_done=is_done), error)


def _check_owner(form: dict[str, Any], problems: Problems) -> User | None:
    """Return the owner; None if a field is wrong, with its message in `problems`."""
    password = request.form.get("password", "")[:MAX_FIELD_LENGTH]
    try:
        return set_up.create_owner(form["email"], form["name"], password)
    except Invalid as error:
        problems[(error.pointer or "/password").removeprefix("/")] = error.detail
        return None


def _store(owner: User, settings: dict[str, Any], code: str) -> Response:
    """Store the owner and the site and sign in; commits."""
    now = clock.now()
    # Another person may have set up the server while the hash was computed.
    _check_link(db.session(), code)
    try:
        user, cookie_value = set_up.store_owner(owner, now, request.headers.get("User-Agent", ""))
        site = create_checked_site(settings, by=Actor("user", user.email, user.id))
        g.who = f"session={sign_in.session_id_of(cookie_value)}"
        db.session.commit()
    except IntegrityError as error:
        raise Forbidden("This server was set up meanwhile: sign in.", code="set_up_done") from error
    response = redirect(url_for("console.install", key=site.key), 303)
    set_session_cookie(response, cookie_value)
    return response


def _check_link(database: Session, code: str) -> None:
    set_up.check_link(database, current_app.config["SECRET_KEYS"], code, clock.now())


def _read_code() -> str:
    """Return the code of the link; a person without script may have pasted the whole link."""
    return request.form.get("code", "")[:MAX_FIELD_LENGTH].strip().rpartition("#")[2]


def _render(**values: Any) -> str:
    lengths = {"min_length": passwords.MIN_LENGTH, "max_length": passwords.MAX_LENGTH}
    defaults: dict[str, Any] = {"form": None, "problems": {}, "problem": "", "is_done": False}
    return render_template("console/set_up.html", **lengths, **site_choices(), **{**defaults, **values})
