"""Ask for a mail with a link that replaces a forgotten password."""

from __future__ import annotations

from typing import Any

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from ...accounts.reset_requests import request_reset
from ...accounts.users import MAX_EMAIL_LENGTH
from ...auth.access import requires
from ...auth.csrf import refuse_foreign_post
from ...auth.mail import mailer
from ...core import clock
from ...core.errors import DomainError
from ...storage.db import db
from ...web import rate_limits
from ...web.client_address import client_network
from .limits import WINDOW_MINUTES
from .refusal import refuse

#: Requests within `WINDOW_MINUTES` for one address of an account, whether it exists or not, and from one source.
REQUESTS_PER_ACCOUNT = 3
REQUESTS_PER_SOURCE = 10


@requires("anyone", "read")
def forgotten_page() -> str:
    """Show the form; without a mail server, say who can help."""
    return _render()


@requires("anyone", "write")
def request_link() -> Response:
    """Store the request. The answer and its time are the same for an address without account."""
    refuse_foreign_post()
    email = request.form.get("email", "").strip()[:MAX_EMAIL_LENGTH]
    try:
        rate_limits.hit_minutes("reset source", client_network(), REQUESTS_PER_SOURCE, WINDOW_MINUTES)
        rate_limits.hit_minutes("reset account", email.lower(), REQUESTS_PER_ACCOUNT, WINDOW_MINUTES)
        request_reset(mailer(), email, clock.now())
    except DomainError as error:
        return refuse(_render(email=email, problem=error.detail), error)
    db.session.commit()
    return make_response(_render(email=email, is_stored=True))


def _render(**values: Any) -> str:
    defaults = {"email": "", "problem": "", "is_stored": False}
    return render_template("console/forgotten.html", sends_mail=mailer().is_set_up(), **{**defaults, **values})
