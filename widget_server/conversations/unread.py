"""Answers that nobody at the console has looked at yet.

The mark stands on the conversation, in the row that an answer writes anyway. It is one for all who sign in, as a shared
inbox is: what one of them has looked at is seen.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update

from ..core import clock
from ..events.publish import publish
from ..storage.db import db
from .models import Conversation


def see(site_id: UUID, upto: datetime, conversation_id: UUID | None = None) -> None:
    """Take the mark from a conversation, or from all of a site.

    `upto` is the newest mark that was looked at: an answer that came later stays unread.
    """
    marked = update(Conversation).where(Conversation.site_id == site_id, Conversation.unread_since <= upto)
    if conversation_id is not None:
        marked = marked.where(Conversation.id == conversation_id)
    result: Any = db.session.execute(marked.values(unread_since=None))
    if result.rowcount:
        # Without the conversation: its transcript is as it was, only lists and counts are not.
        publish(db.session, site_id, "inbox.seen", at=clock.now())
