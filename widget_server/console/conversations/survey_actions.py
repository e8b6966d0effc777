"""What somebody at the console decides about a conversation: to ask now, or to close it without asking."""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.wrappers import Response

from ...auth.access import requires
from ...invitations.conversation_state import ConversationState, lock_state
from ...invitations.manual import MAX_NOTE_LENGTH, ask_now, close_quietly
from ...invitations.models import Invitation
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
    return _decide(key, conversation, lambda site, state: ask_now(site, state, None))


@requires("console", "write")
def close(key: str, conversation: str) -> Response:
    """The open part ends, and nobody is asked; the form's `note` is kept."""
    check_form()
    note = line("note", max_length=MAX_NOTE_LENGTH)
    return _decide(key, conversation, lambda site, state: close_quietly(site, state, None, note or None))


def _decide(key: str, conversation: str, how: Callable[[Site, ConversationState], Invitation]) -> Response:
    site = site_of(key)
    back = back_to(site, conversation)
    how(site, lock_state(conversation_of(site, conversation)))
    db.session.commit()
    return back
