"""Sites that require a second factor of each person who opens them in the console. Flushes, never commits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from ..accounts import factors
from ..accounts.roles import users_with_role_at
from ..accounts.sessions import end_sessions
from ..storage.db import db
from .models import Site


def set_required(site: Site, is_required: bool, now: datetime) -> None:
    """Require a second factor at a site, or stop it.

    It ends the sessions of people without one, because their open streams would go on.
    """
    site.second_factor_required = is_required
    if is_required:
        for user_id in users_with_role_at(site.id) - factors.users_with_factor():
            end_sessions(user_id, now)
    db.session.flush()


def is_required_anywhere() -> bool:
    """Return whether a site of this server requires a second factor."""
    query = select(Site.id).where(Site.second_factor_required, Site.removed_at.is_(None)).limit(1)
    return db.session.scalar(query) is not None
