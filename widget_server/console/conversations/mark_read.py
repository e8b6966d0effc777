"""Mark ratings as read. A page sends a form, by script or by a button, because a GET request never writes."""

from __future__ import annotations

from datetime import datetime

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from ...auth.access import requires
from ...conversations.unread import mark_conversations_read
from ...core.errors import Invalid
from ...storage.db import db
from ..sign_in.views import check_form
from ..sites.views import site_of
from .views import back_to, conversation_of


@requires("console", "write", right="mark_read")
def mark_read(key: str, conversation: str) -> Response:
    """Mark a conversation's ratings as read, up to the form's `up_to`."""
    check_form()
    site = site_of(key)
    redirection = back_to(site, conversation)
    mark_conversations_read(site.id, _read_up_to(), conversation_of(site, conversation).id)
    db.session.commit()
    return redirection


@requires("console", "write", right="mark_read")
def mark_all_read(key: str) -> Response:
    """Mark the ratings of all conversations as read, up to the form's `up_to`."""
    check_form()
    site = site_of(key)
    mark_conversations_read(site.id, _read_up_to())
    db.session.commit()
    return redirect(url_for("console.conversations", key=key, status="unread"), 303)


def _read_up_to() -> datetime:
    try:
        moment = datetime.fromisoformat(request.form.get("up_to", ""))
        if moment.tzinfo is None:
            raise ValueError("without a time zone")
        return moment
    except ValueError as error:
        raise Invalid(
            "Reload the page and try again: “up_to” must be a time with a UTC offset.", pointer="/up_to"
        ) from error
