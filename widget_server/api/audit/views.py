"""Routes of /audit: the log of an API key's site, and the operator's log of the server."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import g

from ...accounts.audit import SERVER
from ...accounts.audit_list import AuditFilter, oldest_entries
from ...auth.access import requires
from ...storage.db import db
from ..base import Resource
from .schemas import AuditOut, AuditQuery

blueprint = Resource("audit", "The audit log: who decided what, and when.")


@blueprint.route("/audit")
@requires("api_key", "read", scope="audit")
@blueprint.arguments(AuditQuery, location="query")
@blueprint.response(200, AuditOut)
def list_audit(query: dict[str, Any]) -> dict[str, Any]:
    """List the audit log of the site, oldest entry first.

    It begins after the number `after`. Store the newest hash elsewhere to detect a removed end of the log.
    """
    return list_page(g.site_id, query)


@blueprint.route("/audit/server")
@requires("operator", "read")
@blueprint.arguments(AuditQuery, location="query")
@blueprint.response(200, AuditOut)
def list_server_audit(query: dict[str, Any]) -> dict[str, Any]:
    """List what belongs to no site: sign-ins, refusals, users, and roles at all sites."""
    return list_page(SERVER, query)


def list_page(chain: UUID, query: dict[str, Any]) -> dict[str, Any]:
    after, limit = query.pop("after"), query.pop("limit")
    entries = oldest_entries(db.session(), AuditFilter(chain, **query), after=after, limit=limit + 1)
    next_after = entries[limit - 1].number if len(entries) > limit else None
    return {"entries": entries[:limit], "next_after": next_after}
