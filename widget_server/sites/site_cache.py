"""What a vote needs of its site, kept in the process for exactly as long as the site's version stands.

Every vote asks for the version, so a change is seen by all processes with the next vote.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from ..storage.db import table_of
from ..storage.prepared import Prepared, Transaction
from .models import Site
from .service import is_key

SITE = table_of(Site).c
MAX_CACHED = 10_000
_VERSION = Prepared(select(SITE.id, SITE.version).where(SITE.key == bindparam("key")))
_SETTINGS = Prepared(
    select(SITE.key, SITE.time_zone, SITE.allowed_origins, SITE.removed_at).where(SITE.id == bindparam("id"))
)


@dataclass(frozen=True)
class SiteSettings:
    """Columns of one version of a site. In `lasting` upper parts keep what changes only with that version."""

    id: UUID
    version: int
    key: str
    time_zone: str
    allowed_origins: list[str]
    removed_at: datetime | None
    lasting: dict[Any, Any] = field(default_factory=dict)


_kept: dict[tuple[UUID, int], SiteSettings] = {}


def cached_settings(transaction: Transaction, key: str) -> SiteSettings | None:
    """Return the settings of the site with a public key, removed ones too; None for an unknown key."""
    row = _VERSION.first_once(transaction, {"key": key}) if is_key(key) else None
    if row is None:
        return None
    settings = _kept.get(row)
    if settings is None:
        if len(_kept) >= MAX_CACHED:
            _kept.clear()
        columns = _SETTINGS.first(transaction, {"id": row.id})
        settings = _kept[row] = SiteSettings(row.id, row.version, *columns)  # type: ignore[misc]
    return settings
