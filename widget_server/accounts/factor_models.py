"""Models of second factors: authenticator apps, passkeys and recovery codes."""

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


class Passkey(Model):
    """A passkey of a user: a key pair of which the browser or a security key holds the private part."""

    __tablename__ = "passkey"
    __table_args__ = (UniqueConstraint("credential_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary)
    #: The model of the authenticator, the id and the public key, as WebAuthn encodes them.
    credential: Mapped[bytes] = mapped_column(LargeBinary)
    #: The authenticator's count of signatures; 0 if it has none.
    sign_count: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    #: A challenge that is older than the last use is not accepted, so that no answer can be sent twice.
    last_used_at: Mapped[datetime]
