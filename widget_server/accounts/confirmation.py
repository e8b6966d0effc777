"""Whether the person of a session has proved their identity recently. Flushes, never commits.

An open browser on an unattended desk must not be enough to take over an account.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ..storage.db import db
from .models import LoginSession
from .sessions import find_login_session
from .sign_in import redeem_link, sign_out

#: How long a sign-in or a confirmation is recent.
VALIDITY = timedelta(minutes=10)


def is_recent(session: LoginSession, now: datetime) -> bool:
    """Return whether the person signed in or confirmed within `VALIDITY`."""
    return now - session.confirmed_at < VALIDITY


def confirm(session: LoginSession, now: datetime) -> None:
    """Store that the person has just proved their identity."""
    session.confirmed_at = now
    db.session.flush()


def use_owner_link(secret_keys: Sequence[bytes], token: str, now: datetime) -> None:
    """Use up a one-time link without another session: the session that it opens ends at once.

    Raises:
        Forbidden: the link has expired, is invalid or was used before.
        IntegrityError: the link was used at the same time.
    """
    session = find_login_session(redeem_link(secret_keys, token, now), now, VALIDITY)
    assert session is not None
    sign_out(session, now)
