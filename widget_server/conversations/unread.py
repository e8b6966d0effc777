"""Unread answers: those that no user of the console has opened yet.

The mark is a column of the conversation, whose row an answer writes in any case. All users share it, as in a shared
inbox: an answer that one of them opened is read.
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


def mark_conversations_read(site_id: UUID, upto: datetime, conversation_id: UUID | None = None) -> None:
    """Mark the answers of a conversation, or of all of a site, as read.

    `upto` is the newest `unread_since` that the user saw; an answer that came later stays unread.
    """
    statement = update(Conversation).where(Conversation.site_id == site_id, Conversation.unread_since <= upto)
    if conversation_id is not None:
        statement = statement.where(Conversation.id == conversation_id)
    result: Any = db.session.execute(statement.values(unread_since=None))
    if result.rowcount:
        # Without the conversation, because only lists and counts change, not its transcript.
        publish(db.session, site_id, "inbox.seen", at=clock.now())
