"""The last page on which a site's faces were seen, so that an owner knows that the lines are pasted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from ..core import clock
from ..events.publish import publish
from ..storage.db import db, table_of
from ..storage.prepared import Prepared, PreparedQuery
from .models import SiteContact

#: A contact after such a pause is an event. Impressions of articles have events, which also refresh open pages.
EVENT_PAUSE = timedelta(seconds=30)
MAX_ORIGIN_LENGTH = 300


class Contact(NamedTuple):
    """A page: its origin, and its path if it is known."""

    origin: str
    path: str
    seen_at: datetime

    @property
    def address(self) -> str:
        return self.origin + self.path


class SeenAt(NamedTuple):
    """The row of `_FIND`."""

    seen_at: datetime


_CONTACT = table_of(SiteContact)
_VALUES = {c.name: bindparam(c.name, type_=c.type) for c in _CONTACT.columns if c.name != "site_id"}
_SITE = bindparam("site", type_=_CONTACT.c.site_id.type)
_FIND = PreparedQuery[SeenAt](select(_CONTACT.c.seen_at).where(_CONTACT.c.site_id == _SITE))
_INSERT = Prepared(insert(_CONTACT).values(site_id=_SITE, **_VALUES).inline())
_UPDATE = Prepared(update(_CONTACT).where(_CONTACT.c.site_id == _SITE).values(_VALUES))


def find_contact(site_id: UUID) -> Contact | None:
    """Return the last contact of a site; None before the first one."""
    row = db.session.get(SiteContact, site_id)
    return Contact(row.origin, row.path, row.seen_at) if row else None


def write_contacts(contacts: Mapping[UUID, Contact], connection: Connection) -> None:
    """Store the newest contact of each site, in the order of their keys, so that two processes cannot deadlock."""
    now = clock.now()
    for site_id, contact in sorted(contacts.items()):
        previous = _FIND.first(connection, {"site": site_id})
        values = {"site": site_id, "origin": contact.origin[:MAX_ORIGIN_LENGTH], "path": contact.path}
        (_UPDATE if previous else _INSERT).run(connection, {**values, "seen_at": contact.seen_at})
        if previous is None or now - previous.seen_at >= EVENT_PAUSE:
            publish(connection, site_id, "site.contacted", at=now)
