"""Recovery codes, each of which replaces a lost second factor once. Flushes, never commits."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update

from ..core import tokens
from ..storage.db import db
from .factor_models import RecoveryCode

COUNT = 10
#: 80 random bits, so that a plain hash of a code cannot be reversed.
CODE_BYTES = 10
GROUP_LENGTH = 4


def replace_codes(user_id: UUID, now: datetime) -> list[str]:
    """Replace the codes of a user and return the new ones, which are stored only as hashes."""
    delete_codes(user_id)
    codes = [_random_code() for _ in range(COUNT)]
    db.session.add_all(RecoveryCode(user_id=user_id, code_hash=_hash(user_id, code), created_at=now) for code in codes)
    db.session.flush()
    return codes


def count_unused(user_id: UUID) -> int:
    """Return how many codes of a user can still be used."""
    query = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.user_id == user_id)
    return db.session.scalar(query.where(RecoveryCode.used_at.is_(None))) or 0


def use_recovery_code(user_id: UUID, code: str, now: datetime) -> bool:
    """Return whether a code of the user was unused, and mark it as used."""
    statement = update(RecoveryCode).where(
        RecoveryCode.user_id == user_id,
        RecoveryCode.code_hash == _hash(user_id, code),
        RecoveryCode.used_at.is_(None),
    )
    result = db.session.execute(statement.values(used_at=now))
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]


def delete_codes(user_id: UUID) -> None:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def _random_code() -> str:
    text = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode().lower()
    return "-".join(text[start : start + GROUP_LENGTH] for start in range(0, len(text), GROUP_LENGTH))


def _hash(user_id: UUID, code: str) -> str:
    """Return the hash of a code as people type it: in any case, with or without hyphens and spaces."""
    return tokens.digest(user_id.hex + "".join(code.lower().replace("-", "").split()))
