"""Sign in by a one-time link, and sign out.

Opening the link writes nothing, because mail and chat programs open links for previews. The address of the page has no
token, so that no log, history or referrer holds one.
"""

from __future__ import annotations

from flask import current_app, g, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from ...accounts import account_trail, sign_in
from ...auth.access import requires
from ...auth.csrf import refuse_foreign_post
from ...core import clock
from ...core.errors import Forbidden
from ...storage.db import db
from .cookie import delete_session_cookie, set_session_cookie

MAX_CODE_LENGTH = 1_000


@requires("anyone", "read")
def link_page() -> str:
    """Show the page with the sign-in button. A script fills in the code behind #; without one, a person pastes it."""
    return render_template("console/sign_in_link.html")


@requires("anyone", "write")
def redeem() -> Response:
    """Start a session by the code of a link, or by the whole link; each link starts one."""
    refuse_foreign_post()
    token = request.form.get("code", "")[:MAX_CODE_LENGTH].strip().rpartition("#")[2]
    user_agent = request.headers.get("User-Agent", "")
    try:
        cookie_value = sign_in.redeem_link(current_app.config["SECRET_KEYS"], token, clock.now(), user_agent)
    except IntegrityError as error:
        raise Forbidden("This link was used before. Each link signs in once.", code="link_used") from error
    account_trail.record_sign_in(None, "link")
    db.session.commit()
    g.who = f"session={sign_in.session_id_of(cookie_value)}"
    response = redirect(url_for("console.sites"), 303)
    set_session_cookie(response, cookie_value)
    return response


@requires("console", "write", needs_factor=False)
def sign_out() -> Response:
    """End the session, and the streams that it opened."""
    check_form()
    sign_in.sign_out(g.login_session, clock.now())
    db.session.commit()
    response = redirect(url_for("console.sites"), 303)
    # Not cookies or storage: the owner's website may share this domain.
    response.headers["Clear-Site-Data"] = '"cache"'
    delete_session_cookie(response)
    return response


def check_form() -> None:
    """Check that the form comes from a page of this session.

    Raises: Forbidden: the form token is missing, or belongs to another session.
    """
    secret_keys = current_app.config["SECRET_KEYS"]
    sign_in.check_form_token(secret_keys, g.login_session, request.form.get("form_token", ""))


def form_token() -> str:
    """Return the token that each form of a signed-in page includes."""
    return sign_in.make_form_token(current_app.config["SECRET_KEYS"], g.login_session)
