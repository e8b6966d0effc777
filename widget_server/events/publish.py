"""Write to the outbox.

It is the only way in which a lower part notifies the parts above it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, insert

from ..storage.db import table_of
from ..storage.prepared import Prepared, Transaction, connection_of
from . import pg_notify
from .models import Event

KINDS: Final = frozenset(
    {
        "conversation.changed",
        "message.added",
        "message.changed",
        "message.removed",
        "segment.ended",
        "segment.opened",
        "invitation.asked",
        "invitation.not_asked",
        "invitation.shown",
        "invitation.dismissed",
        "invitation.withdrawn",
        "invitation.expired",
        "vote.cast",
        "vote.changed",
        "vote.removed",
        "vote.excluded",
        "vote.restored",
        "vote.erased",
        "screenshot.added",
        "screenshot.removed",
        "subject.changed",
        "site.contacted",
        "inbox.seen",
    }
)

EVENT = table_of(Event)
#: The database assigns id and xid, which are the order of commits.
INSERTED_COLUMNS = [column for column in EVENT.columns if column.name not in ("id", "xid")]
INSERT: Final = Prepared(
    insert(EVENT).values({c.name: bindparam(c.name, type_=c.type) for c in INSERTED_COLUMNS}).inline()
)


def publish(
    transaction: Transaction,
    site_id: UUID,
    kind: str,
    *,
    at: datetime,
    conversation_id: UUID | None = None,
    segment_id: UUID | None = None,
    subject_id: UUID | None = None,
    vote_id: UUID | None = None,
    version: int = 1,
) -> None:
    """Add an event to the transaction that causes it.

    The transaction is a Core connection or the session; both commit or neither.

    Raises:
        ValueError: the kind is unknown, so no consumer could act on it.
    """
    if kind not in KINDS:
        raise ValueError(f"unknown kind of event: {kind}")
    connection = connection_of(transaction)
    pg_notify.mark_published(connection)
    INSERT.run(
        connection,
        {
            "site_id": site_id,
            "kind": kind,
            "conversation_id": conversation_id,
            "segment_id": segment_id,
            "subject_id": subject_id,
            "vote_id": vote_id,
            "version": version,
            "created_at": at,
        },
    )
