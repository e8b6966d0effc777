"""Models of deliveries and of the server's settings that are entered in the console."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..storage.db import Model, new_id


class Delivery(Model):
    """Something to send to another server, written in the transaction that causes it.

    It waits while `due_at` is set; then it was sent, or is a dead letter.
    """

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("dedupe_key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    #: What its payload is: a key of `jobs/sender.py` `HANDLERS`.
    kind: Mapped[str] = mapped_column(String(40))
    #: A second delivery with this key is not stored.
    dedupe_key: Mapped[str] = mapped_column(String(200))
    #: For lists: the address that it goes to. Empty for work of this server.
    recipient: Mapped[str] = mapped_column(String(254))
    #: JSON, sealed because a mail may contain the code of a link. None once it was sent or has expired.
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    #: After this time it is worthless and is not sent.
    expires_at: Mapped[datetime]
    #: When to try next, or when the lease of a sender ends.
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    #: Counted before each attempt, so that a sender whose lease ended cannot record its result.
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    sent_at: Mapped[datetime | None]
    #: Since when it is a dead letter.
    failed_at: Mapped[datetime | None]
    #: Why the last attempt failed, in words.
    error: Mapped[str] = mapped_column(String(500), default="")


class ServerSetting(Model):
    """A setting of the whole server that is entered in the console."""

    __tablename__ = "server_setting"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    #: JSON, sealed because it may contain a password.
    value: Mapped[bytes] = mapped_column(LargeBinary)
    changed_at: Mapped[datetime]
