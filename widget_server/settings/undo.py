"""Take a change of a site's settings back, from the values in the audit log. Functions flush and never commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select

from ..accounts.actors import Actor
from ..accounts.models import AuditEntry
from ..core.errors import Conflict, NotFound
from ..core.marked_texts import marked
from ..sites.models import Site
from ..sites.service import CHANGEABLE
from ..storage.db import db
from .service import store_settings, to_settings

UNDO_DAYS = 7
MAX_CHANGES = 20
#: A larger number would overflow the database's integer.
MAX_NUMBER = 2**31 - 1


@dataclass(frozen=True)
class SettingsChange:
    """A change of settings that the audit log has."""

    #: The number of its entry in the site's chain.
    number: int
    at: datetime
    actor: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    #: Whether the settings still have the values of this change.
    is_current: bool


def list_changes(site: Site, now: datetime) -> list[SettingsChange]:
    """Return the changes that may be taken back, newest first."""
    entries = db.session.scalars(_recent_entries(site, now).limit(MAX_CHANGES))
    return [change for entry in entries if (change := _to_change(site, entry)) is not None]


def find_change(site: Site, number: int, now: datetime) -> SettingsChange | None:
    """Return a change by its number; None if it is no longer possible to take it back."""
    if not 0 < number <= MAX_NUMBER:
        return None
    entry = db.session.scalars(_recent_entries(site, now).where(AuditEntry.number == number)).one_or_none()
    return _to_change(site, entry) if entry else None


def newest_change(site: Site, now: datetime) -> SettingsChange | None:
    """Return the newest change of the site's settings."""
    changes = list_changes(site, now)
    return changes[0] if changes else None


def undo_change(site: Site, number: int, now: datetime, actor: Actor) -> None:
    """Store the values from before a change of a locked site.

    Raises:
        NotFound: there is no such change, or it is too old.
        Conflict: one of the settings was changed again since.
    """
    change = find_change(site, number, now)
    if change is None:
        raise NotFound(
            marked("There is no such change of the last %(undo_days)s days.", undo_days=UNDO_DAYS),
            code="unknown_change",
        )
    if not change.is_current:
        raise Conflict("One of these settings was changed again. Take the later change back first.", code="changed")
    store_settings(site, change.before, actor)


def _recent_entries(site: Site, now: datetime) -> Select[AuditEntry]:
    since = now - timedelta(days=UNDO_DAYS)
    is_recent = (AuditEntry.site_id == site.id, AuditEntry.action == "site.changed", AuditEntry.at >= since)
    return select(AuditEntry).where(*is_recent).order_by(AuditEntry.number.desc())


def _to_change(site: Site, entry: AuditEntry) -> SettingsChange | None:
    """Return the change of an entry; None if it is about settings that have their own page."""
    before, after = entry.detail.get("before", {}), entry.detail.get("after", {})
    if not before or not set(before) <= set(CHANGEABLE):
        return None
    is_current = to_settings(site, after) == after
    return SettingsChange(entry.number, entry.at, entry.actor, before, after, is_current)
