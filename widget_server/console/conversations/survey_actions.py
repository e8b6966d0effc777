"""What somebody at the console decides about a conversation: to ask now, or to close it without asking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Response

from ...auth.access import requires
from ...conversations.models import Conversation
from ...invitations.manual import MAX_NOTE_LENGTH, ask_now, close_quietly
from ...sites.models import Site
from ...storage.db import db
from ..forms import line
from ..sign_in.views import check_form
from ..sites.views import site_of
from .views import back_to, conversation_of


@requires("console", "write")
def ask(key: str, conversation: str) -> Response:
    """The open part ends with it, and its visitor is asked."""
    check_form()
    return _decide(key, conversation, lambda site, found: ask_now(site, found, None))


@requires("console", "write")
def close(key: str, conversation: str) -> Response:
    """The open part ends, and nobody is asked; the form's `note` is kept."""
    check_form()
    note = line("note", max_length=MAX_NOTE_LENGTH)
    return _decide(key, conversation, lambda site, found: close_quietly(site, found, None, note or None))


def _decide(key: str, conversation: str, how: Callable[[Site, Conversation], Any]) -> Response:
    site = site_of(key)
    back = back_to(site, conversation)
    how(site, conversation_of(site, conversation))
    db.session.commit()
    return back
