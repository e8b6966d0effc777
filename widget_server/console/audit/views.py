"""Show, verify and export the audit log of a site, and of the whole server for owners of all sites."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from flask import Response, render_template, request
from sqlalchemy.orm import Session

from ...accounts import audit_chain
from ...accounts.audit import SERVER
from ...accounts.audit_list import newest_entries, pages_of
from ...auth import audit_trail
from ...auth.access import requires
from ...core import clock
from ...core.errors import NotFound
from ...sites.models import Site
from ...storage.db import db, engines
from ...web.translations import translate as _
from ..conversations.views import common
from ..forms import MAX_OFFSET
from ..sign_in.views import check_form
from ..sites.switcher import visible_sites
from ..sites.views import site_of
from .export import to_csv
from .filters import AuditQuery, read_entry, read_place, read_query, to_cursor, to_entry_text
from .labels import ACTION_LABELS, GROUP_LABELS

PAGE_SIZE = 50
#: About a second of work.
ENTRIES_PER_VERIFICATION = 20_000
UTC = "UTC"


class Verification(NamedTuple):
    """What the page says of the verified entries, the first of which has the number `first` in their order."""

    broken_entries: list[audit_chain.Entry]
    first: int
    last: int
    #: The arguments of the address that verifies the next ones; empty at the end.
    next_arguments: dict[str, Any]


class Zone(NamedTuple):
    """What the words of times read of a site."""

    time_zone: str


@requires("console", "read", right="read_audit")
def site_audit(key: str) -> str:
    """Show the log of a site."""
    site = site_of(key)
    return _render(site.id, site.time_zone, **common(site))


@requires("console", "read", right="read_audit")
def audit() -> str:
    """Show the log of the server and of all sites."""
    return _render(None, UTC)


@requires("console", "write", right="read_audit")
def export_site_audit(key: str) -> Response:
    """Download the log of a site."""
    site = site_of(key)
    return _export(site.id, site)


@requires("console", "write", right="read_audit")
def export_audit() -> Response:
    """Download the log of the server and of all sites."""
    return _export(None, None)


def _render(chain: UUID | None, time_zone: str, **values: Any) -> str:
    query = read_query(request.args)
    sites = {} if chain else {site.key: site for site in visible_sites()}
    filters = query.to_filter(chain or _find_chain(query, sites), time_zone)
    page = newest_entries(db.session(), filters, before=read_place(), limit=PAGE_SIZE)
    return render_template(
        "console/audit.html",
        query=query,
        page=page,
        next_cursor=to_cursor(page.next_place),
        zone=Zone(time_zone),
        site_names={site.id: site.name for site in sites.values()},
        sites=sites.values(),
        server=SERVER,
        groups={group: _(label) for group, label in GROUP_LABELS.items()},
        actions={action: _(label) for action, label in ACTION_LABELS.items()},
        verified=_verify(chain) if "verify" in request.args else None,
        **{"now": clock.now(), **values},
    )


def _find_chain(query: AuditQuery, sites: dict[str, Site]) -> UUID | None:
    """Return the chain that a filter names; None for all of them."""
    if not query.site:
        return None
    if query.site == audit_chain.SERVER_NAME:
        return SERVER
    if query.site not in sites:
        raise NotFound("Site not found; check its key.", code="unknown_site")
    return sites[query.site].id


def _verify(chain: UUID | None) -> Verification:
    """Verify the next entries, so that a long log keeps no request and no connection for long."""
    after, first = (
        read_entry(request.args.get("after", "")),
        min(max(request.args.get("first", 1, type=int), 1), MAX_OFFSET),
    )
    with engines().read.connect() as connection:
        batch = audit_chain.verify_batch(connection, chain, after=after, limit=ENTRIES_PER_VERIFICATION)
    after_text = to_entry_text(batch.next_place)
    last = first + batch.size - 1
    next_arguments = {"after": after_text, "first": last + 1} if after_text else {}
    return Verification(batch.broken_entries, first, last, next_arguments)


def _export(chain: UUID | None, site: Site | None) -> Response:
    """Return the filtered entries as CSV. The export itself is an entry, which is stored first."""
    check_form()
    query = read_query(request.form)
    sites = {} if chain else {one.key: one for one in visible_sites()}
    time_zone = site.time_zone if site else UTC
    filters = query.to_filter(chain or _find_chain(query, sites), time_zone)
    audit_trail.record("audit.exported", "audit log", site_id=chain, filters=query.arguments)
    db.session.commit()
    # On reading connections, because votes would wait for the writing one, and as long as each page takes.
    engine = engines().read
    response = Response(to_csv(pages_of(lambda: Session(engine), filters)))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="audit-log.csv"'
    return response
