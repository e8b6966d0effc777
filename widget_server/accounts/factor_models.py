"""Models of second factors: authenticator apps and recovery codes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..storage.db import Model, new_id


class TotpFactor(Model):
    """An authenticator app of a user, which shows time-based one-time codes."""

    __tablename__ = "totp_factor"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    #: The shared secret, encrypted with the server's secret.
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    #: The time step of the last accepted code; no code of it or of an earlier step is accepted again.
    last_step: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]


class RecoveryCode(Model):
    """A code that replaces a lost factor once.

    Only its hash is stored.
    """

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("code_hash"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
