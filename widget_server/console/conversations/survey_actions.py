"""Survey actions of the console: ask about a conversation now, or close it without asking."""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.wrappers import Response

from ...auth.access import requires
from ...invitations.conversation_state import ConversationState, lock_state
from ...invitations.manual import MAX_NOTE_LENGTH, ask_now, close_without_asking
from ...invitations.models import Invitation
from ...sites.models import Site
from ...storage.db import db
from ..forms import read_line
from ..sign_in.views import check_form
from ..sites.views import site_of
from .views import back_to, conversation_of


@requires("console", "write", right="manage_surveys")
def ask(key: str, conversation: str) -> Response:
    """End the open segment, and ask its visitor."""
    check_form()
    return _decide(key, conversation, lambda site, state: ask_now(site, state, None))


@requires("console", "write", right="manage_surveys")
def close(key: str, conversation: str) -> Response:
    """End the open segment without asking, and store the form's `note`."""
    check_form()
    note = read_line("note", max_length=MAX_NOTE_LENGTH)
    return _decide(key, conversation, lambda site, state: close_without_asking(site, state, None, note or None))


def _decide(key: str, conversation: str, action: Callable[[Site, ConversationState], Invitation]) -> Response:
    site = site_of(key)
    redirection = back_to(site, conversation)
    action(site, lock_state(conversation_of(site, conversation)))
    db.session.commit()
    return redirection
