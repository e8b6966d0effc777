"""Record the decisions of a request in the audit log, with the caller's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import g

from ..accounts import audit
from ..accounts.actors import Actor
from ..accounts.audit import Action
from ..accounts.roles import Rights
from .principal import Principal


def current_actor(on_behalf_of: str = "") -> Actor:
    """Return the caller of this request. An API key may name the person who decided in the site's back end."""
    principal: Principal = g.principal
    if principal.kind == "console":
        return person_of(g.rights)
    if principal.kind == "api_key":
        return Actor("api_key", principal.name, principal.key_id, on_behalf_of)
    if principal.kind == "operator":
        return Actor("operator", "Operator")
    raise RuntimeError(f"a {principal.kind} decides nothing")


def person_of(rights: Rights) -> Actor:
    if rights.user is None:
        return Actor("owner_link", rights.name)
    return Actor("user", rights.user.email, rights.user.id)


def record(action: Action, target: str, *, site_id: UUID | None = None, **detail: Any) -> None:
    """Record a decision of the caller, about a site or about the server. Flushes, never commits."""
    audit.record(site_id, actor=current_actor(), action=action, target=target, detail=detail)


def record_change(
    action: Action, target: str, before: Mapping[str, Any], after: Mapping[str, Any], *, site_id: UUID | None = None
) -> None:
    """Record the settings that a call changed, if it changed any. Flushes, never commits."""
    changes = audit.changes_between(before, after)
    if changes["after"]:
        record(action, target, site_id=site_id, **changes)
