"""Looking at an answer: a page that shows one says so, by its script or by a button, for a GET never writes."""

from __future__ import annotations

from datetime import datetime

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from ...auth.access import requires
from ...conversations.unread import see
from ...core.errors import Invalid
from ...storage.db import db
from ..sign_in.views import check_form
from ..sites.views import site_of
from .views import back_to, conversation_of


@requires("console", "write")
def seen(key: str, conversation: str) -> Response:
    """What came up to the form's `upto` was looked at."""
    check_form()
    site = site_of(key)
    back = back_to(site, conversation)
    see(site.id, _upto(), conversation_of(site, conversation).id)
    db.session.commit()
    return back


@requires("console", "write")
def all_seen(key: str) -> Response:
    """The same of every conversation of the site."""
    check_form()
    site = site_of(key)
    see(site.id, _upto())
    db.session.commit()
    return redirect(url_for("console.conversations", key=key, status="unread"), 303)


def _upto() -> datetime:
    try:
        moment = datetime.fromisoformat(request.form.get("upto", ""))
        if moment.tzinfo is None:
            raise ValueError("without a zone")
        return moment
    except ValueError as error:
        raise Invalid("Say up to which moment it was looked at; the page's own form does.", pointer="/upto") from error
