"""The site settings that a vote needs, cached in the process until the site's version changes.

Every vote reads the version, so all processes use a change from the next vote on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select

from ..storage.db import table_of
from ..storage.prepared import PreparedQuery, Transaction
from .models import Site
from .service import is_key

SITE = table_of(Site).c
MAX_CACHED = 10_000


class SiteVersion(NamedTuple):
    """A row of `_VERSION`."""

    id: UUID
    version: int


class SiteColumns(NamedTuple):
    """A row of `_SETTINGS`."""

    key: str
    time_zone: str
    allowed_origins: list[str]
    removed_at: datetime | None
    redaction: list[str]


_VERSION = PreparedQuery[SiteVersion](select(SITE.id, SITE.version).where(SITE.key == bindparam("key")))
_SETTINGS = PreparedQuery[SiteColumns](
    select(SITE.key, SITE.time_zone, SITE.allowed_origins, SITE.removed_at, SITE.redaction).where(
        SITE.id == bindparam("id")
    )
)


@dataclass(frozen=True)
class SiteSettings:
    """The columns of one version of a site. Higher layers cache in `lasting` what changes only with the version."""

    id: UUID
    version: int
    key: str
    time_zone: str
    allowed_origins: list[str]
    removed_at: datetime | None
    #: What is masked in the words of visitors (core/redaction.py).
    redaction: list[str]
    lasting: dict[Any, Any] = field(default_factory=dict)

    @classmethod
    def of_site(cls, site: Site) -> SiteSettings:
        """Return the settings of a loaded site."""
        return cls(site.id, site.version, *(getattr(site, name) for name in SiteColumns._fields))


_settings_by_version: dict[tuple[UUID, int], SiteSettings] = {}


def cached_settings(transaction: Transaction, key: str) -> SiteSettings | None:
    """Return the settings of the site with a public key, removed sites included, or None for an unknown key."""
    row = _VERSION.first_once(transaction, {"key": key}) if is_key(key) else None
    if row is None:
        return None
    settings = _settings_by_version.get(row)
    if settings is None:
        if len(_settings_by_version) >= MAX_CACHED:
            _settings_by_version.clear()
        columns = _SETTINGS.first(transaction, {"id": row.id})
        if columns is None:
            return None
        settings = SiteSettings(row.id, row.version, *columns)
        _settings_by_version[row] = settings
    return settings
