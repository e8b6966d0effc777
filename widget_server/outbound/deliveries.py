"""Deliveries: stored with what causes them, claimed with a lease, tried again, and kept as dead letters.

Nothing here sends. A sender claims a delivery, commits, sends it outside any transaction, records the result and
commits (`jobs/sender.py`). If it stops between sending and recording, the delivery is sent again after the lease, with
the same id. Flushes, never commits.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Delete, Update, delete, select, update

from ..core import tokens
from ..core.errors import Conflict, NotFound
from ..storage.db import db, table_of
from .models import Delivery

#: Longer than any attempt may take, so that only a stopped sender loses its lease.
LEASE = timedelta(minutes=5)
#: The pauses between the attempts, about a day together; each is changed by up to `JITTER`.
RETRY_PAUSES = tuple(
    timedelta(seconds=seconds) for seconds in (30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800)
)
MAX_ATTEMPTS = len(RETRY_PAUSES) + 1
JITTER = 0.1
MAX_ERROR_LENGTH = 500
#: How long lists show deliveries that were sent or have failed.
RETENTION = timedelta(days=30)
ROW = table_of(Delivery).c


class DeliveryError(Exception):
    """An attempt failed. The text says in words what is wrong.

    A permanent error becomes a dead letter at once, as further attempts would fail, too.
    """

    def __init__(self, text: str, *, is_permanent: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.is_permanent = is_permanent


@dataclass(frozen=True)
class ClaimedDelivery:
    """A delivery that this sender may send until its lease ends."""

    id: UUID
    kind: str
    payload: dict[str, Any]
    created_at: datetime
    #: The number of this attempt, from 1.
    attempt: int


def enqueue(
    secret_keys: Sequence[bytes],
    kind: str,
    payload: dict[str, Any],
    *,
    recipient: str,
    dedupe_key: str,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Store a delivery that is due now, unless one with the same key is stored."""
    if db.session.scalar(select(Delivery.id).where(Delivery.dedupe_key == dedupe_key)) is not None:
        return
    sealed = tokens.seal(secret_keys, json.dumps(payload).encode())
    times = {"created_at": now, "due_at": now, "expires_at": expires_at}
    db.session.add(Delivery(kind=kind, dedupe_key=dedupe_key, recipient=recipient, payload=sealed, **times))
    db.session.flush()


def is_any_due(connection: Connection, now: datetime) -> bool:
    """Return whether a delivery waits for an attempt."""
    return connection.execute(select(ROW.id).where(ROW.due_at <= now).limit(1)).first() is not None


def claim(secret_keys: Sequence[bytes], now: datetime) -> ClaimedDelivery | None:
    """Lease the delivery that has been due for longest, so that no other sender takes it.

    Those that have expired or had all their attempts become dead letters.
    """
    query = select(Delivery).where(Delivery.due_at <= now).order_by(Delivery.due_at, Delivery.id).limit(1)
    while (delivery := db.session.scalars(query.with_for_update(skip_locked=True)).first()) is not None:
        if delivery.expires_at <= now or delivery.payload is None:
            reason = delivery.error or "The server was not running, or had other deliveries before this one."
            _bury(delivery, f"Expired before it could be sent. {reason}", now)
            delivery.payload = None
        elif delivery.attempts >= MAX_ATTEMPTS:
            _bury(delivery, delivery.error or "The server stopped during the last attempt.", now)
        else:
            try:
                payload = json.loads(tokens.unseal(secret_keys, delivery.payload))
            except tokens.BadToken:
                _bury(delivery, "It was stored under another secret key of this server.", now)
            else:
                return _lease(delivery, payload, now)
        db.session.flush()
    return None


def _lease(delivery: Delivery, payload: dict[str, Any], now: datetime) -> ClaimedDelivery:
    delivery.attempts += 1
    delivery.due_at = now + LEASE
    db.session.flush()
    return ClaimedDelivery(delivery.id, delivery.kind, payload, delivery.created_at, delivery.attempts)


def record_sent(claimed: ClaimedDelivery, now: datetime) -> None:
    """Store that an attempt succeeded, and forget what was sent."""
    db.session.execute(_own(claimed).values(due_at=None, sent_at=now, payload=None, error=""))


def record_failure(claimed: ClaimedDelivery, error: DeliveryError, now: datetime) -> None:
    """Store why an attempt failed, and when to try next; after the last one it is a dead letter."""
    text = error.text[:MAX_ERROR_LENGTH]
    if error.is_permanent or claimed.attempt >= MAX_ATTEMPTS:
        db.session.execute(_own(claimed).values(due_at=None, failed_at=now, error=text))
        return
    pause = RETRY_PAUSES[claimed.attempt - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
    db.session.execute(_own(claimed).values(due_at=now + pause, error=text))


def _own(claimed: ClaimedDelivery) -> Update:
    """Return the update of a delivery, which changes nothing once another sender has taken it over."""
    return update(Delivery).where(
        Delivery.id == claimed.id, Delivery.attempts == claimed.attempt, Delivery.due_at.is_not(None)
    )


def _bury(delivery: Delivery, error: str, now: datetime) -> None:
    delivery.due_at, delivery.failed_at, delivery.error = None, now, error[:MAX_ERROR_LENGTH]


def list_unsent(limit: int) -> Sequence[Delivery]:
    """Return deliveries to somewhere else that wait or are dead letters, the newest first."""
    query = select(Delivery).where(Delivery.sent_at.is_(None), Delivery.recipient != "")
    query = query.order_by(Delivery.created_at.desc(), Delivery.id)
    return db.session.scalars(query.limit(limit)).all()


def replay(delivery_id: UUID, now: datetime) -> None:
    """Try a dead letter again from the first attempt.

    Raises:
        NotFound: there is no such delivery.
        Conflict: it is no dead letter, or has expired.
    """
    delivery = db.session.get(Delivery, delivery_id, with_for_update=True)
    if delivery is None:
        raise NotFound("This delivery does not exist; reload the page.")
    if delivery.failed_at is None:
        raise Conflict("This delivery has not failed; reload the page.", code="not_failed")
    if delivery.payload is None or delivery.expires_at <= now:
        raise Conflict("This delivery has expired. Repeat the action that caused it.", code="expired")
    delivery.due_at, delivery.failed_at, delivery.attempts = now, None, 0
    db.session.flush()


def forget_expired_payloads(now: datetime) -> Update:
    """Return the statement that removes what dead letters contain, once they cannot be sent any more."""
    is_expired = (Delivery.failed_at.is_not(None), Delivery.expires_at <= now, Delivery.payload.is_not(None))
    return update(Delivery).where(*is_expired).values(payload=None)


def drop_finished(now: datetime) -> Delete:
    """Return the statement that deletes deliveries that ended long ago."""
    return delete(Delivery).where(Delivery.due_at.is_(None), Delivery.created_at < now - RETENTION)
