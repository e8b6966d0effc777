"""The second factors of a user together: which exist, what they prove, and their removal. Flushes, never commits.

Every change ends the other sessions of the user, because another person may have opened them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, select

from ..core.errors import NotFound
from ..storage.db import db
from . import recovery_codes, totp, users
from .factor_models import Passkey, TotpFactor
from .models import User
from .sessions import end_sessions

Factor = TotpFactor | Passkey
CodeKind = Literal["code", "recovery code"]
#: The tables of factors. Recovery codes replace a factor and are none themselves.
FACTORS: tuple[type[Factor], ...] = (TotpFactor, Passkey)


def has_factor(user_id: UUID) -> bool:
    """Return whether a user has a second factor."""
    return user_id in users_with_factor([user_id])


def users_with_factor(user_ids: Sequence[UUID] | None = None) -> set[UUID]:
    """Return the users who have a second factor; of `user_ids`, or of all."""
    owner_ids: set[UUID] = set()
    for model in FACTORS:
        query = select(model.user_id).distinct()
        if user_ids is not None:
            query = query.where(model.user_id.in_(user_ids))
        owner_ids.update(db.session.scalars(query))
    return owner_ids


def use_code(secret_keys: Sequence[bytes], user_id: UUID, code: str, now: datetime) -> CodeKind | None:
    """Mark a code of an authenticator app or a recovery code as used, and return its kind; None if it is invalid."""
    if totp.use_totp_code(secret_keys, user_id, code, now):
        return "code"
    return "recovery code" if recovery_codes.use_recovery_code(user_id, code, now) else None


def finish_adding(user: User, session_id: UUID, now: datetime) -> list[str]:
    """End the other sessions after a new factor; return new recovery codes if it is the first one."""
    end_sessions(user.id, now, but=session_id)
    return [] if recovery_codes.count_unused(user.id) else recovery_codes.replace_codes(user.id, now)


def remove_totp(user: User, factor_id: UUID, session_id: UUID, now: datetime) -> str:
    """Remove an authenticator app and return its name; the recovery codes go with the last factor.

    Raises: NotFound: the user has no such app.
    """
    users.lock_user(user)
    return _remove(db.session.get(TotpFactor, factor_id), user, session_id, now)


def remove_passkey(user: User, factor_id: UUID, session_id: UUID, now: datetime) -> str:
    """Remove a passkey and return its name; the recovery codes go with the last factor.

    Raises: NotFound: the user has no such passkey.
    """
    users.lock_user(user)
    return _remove(db.session.get(Passkey, factor_id), user, session_id, now)


def remove_all(user: User, now: datetime) -> None:
    """Remove all factors and recovery codes of a user who lost them, and end the user's sessions."""
    for model in FACTORS:
        db.session.execute(delete(model).where(model.user_id == user.id))
    recovery_codes.delete_codes(user.id)
    end_sessions(user.id, now)


def _remove(factor: Factor | None, user: User, session_id: UUID, now: datetime) -> str:
    if factor is None or factor.user_id != user.id:
        raise NotFound("This factor does not exist.")
    db.session.delete(factor)
    db.session.flush()
    if not has_factor(user.id):
        recovery_codes.delete_codes(user.id)
    end_sessions(user.id, now, but=session_id)
    return factor.name
