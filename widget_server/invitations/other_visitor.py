"""What happens to the questions of a conversation when its back end gives it to another visitor."""

from __future__ import annotations

from ..conversations.models import Conversation
from ..core import clock
from ..storage.db import db
from . import transitions
from .models import Invitation
from .queries import find_decisions


def leave_to_visitor(conversation: Conversation, *, keep_browser: bool) -> None:
    """Leave all answers of a locked conversation to its present visitor, and withdraw the open questions.

    The browser of that visitor no longer opens the conversation, unless the back end names it again.
    """
    now = clock.now()
    decisions = find_decisions(conversation)
    for invitation in decisions:
        # Who was asked before the visitor was known is the visitor whom the back end named then.
        invitation.visitor_id = invitation.visitor_id or conversation.visitor_id
    # Withdrawing reads each row again.
    db.session.flush()
    for invitation in decisions:
        transitions.withdraw(invitation, now)
    if not keep_browser:
        conversation.browser_hash = None
    db.session.flush()


def is_for_visitor(invitation: Invitation, conversation: Conversation) -> bool:
    """Return whether an invitation may be shown to the present visitor of its conversation."""
    return invitation.visitor_id in (None, conversation.visitor_id)
