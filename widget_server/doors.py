"""Who is asking: request -> principal, site, right. The only place that knows.

Every route declares its door and whether it reads or writes; `tests/test_guards.py` walks the URL map and fails on one
that does not. The declaration also chooses the database engine (`g.access`, see db.py).
"""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from flask import current_app, g, request

from .accounts import live_tokens
from .accounts import service as accounts
from .accounts.live_tokens import LiveGrant
from .conversations.agents import by_external_id as agent_by_id
from .conversations.models import Agent
from .conversations.queries import by_external_id as conversation_by_id
from .core import clock, tokens
from .core.errors import Forbidden, Unauthorized
from .sites import agent_tokens
from .sites.keys import site_keys
from .sites.models import Site
from .sites.service import find_by_key
from .storage import group_commit
from .storage.db import db

Access = Literal["read", "write"]
Who = Literal["anyone", "page", "api_key", "operator", "console", "live", "agent"]
View = Callable[..., Any]


@dataclass(frozen=True)
class Principal:
    """A caller who has shown who they are."""

    kind: Who
    site_id: UUID | None = None
    scopes: frozenset[str] = frozenset()
    #: What a log calls them.
    name: str = ""


def door(who: Who, access: Access, *, runs_again: bool = True) -> Callable[[View], View]:
    """Declare who may call a view and what it does to the database. What writes runs again after a lost race."""

    def declare(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.access = access
            _CHECKS[who](access)
            if access == "read" or not runs_again:
                return view(*args, **kwargs)
            # Of two writers who make the same row at once one loses on PostgreSQL, and finds it when it tries again.
            return group_commit.again(lambda: view(*args, **kwargs), db.session.rollback)

        guarded.door = (who, access)  # type: ignore[attr-defined]
        return guarded

    return declare


def _nobody(access: Access) -> None:
    """Anyone may call it; what a page may do is decided with its site (see widget/pages.py)."""


def _api_key(access: Access) -> None:
    key = accounts.find_api_key(_bearer("an API key"))
    if key is None:
        raise Unauthorized("This API key is unknown or revoked. Make one with `tilfreds key create`.")
    if access not in key.scopes:
        raise Forbidden(f"This API key lacks the right to {access}.", code="scope")
    g.principal = Principal("api_key", key.site_id, frozenset(key.scopes), f"API key {key.name}")
    g.site_id = key.site_id


def _operator(access: Access) -> None:
    try:
        tokens.verify(current_app.config["SECRET_KEYS"], "tfo", "operator", _bearer("an operator token"), clock.now())
    except tokens.BadToken as error:
        raise Unauthorized("Send a fresh token from `tilfreds operator-token`; it lives for 15 minutes.") from error
    g.principal = Principal("operator")


def _console(access: Access) -> None:
    session = accounts.find_login_session(request.cookies.get(session_cookie(), ""), clock.now())
    if session is None:
        raise Unauthorized("Sign in with the link that `tilfreds owner link` prints.", code="signed_out")
    if access == "write":
        refuse_foreign_post()
    g.principal = Principal("console", name="Console")
    g.login_session = session


def _live(access: Access) -> None:
    """A stream checks its token itself, because it has to check it again while it is open (see live/)."""


def _agent(access: Access) -> None:
    """An agent in the owner's helpdesk: `g.grant`. A token of the back end's own making becomes one of ours here."""
    now = clock.now()
    token = _bearer("an agent token")
    grant = _signed_grant(token, now) if token.startswith(agent_tokens.PREFIX) else _live_grant(token, now)
    agent = db.session.get(Agent, (grant.site_id, grant.agent_id))
    site = db.session.get(Site, grant.site_id)
    if agent is None or site is None or site.removed_at is not None:
        raise Unauthorized("This token's agent or site is not here any more.", code="signed_out")
    if agent.valid_after is not None and grant.first_at <= agent.valid_after:
        raise Unauthorized("This agent's tokens were revoked. Get a fresh one.", code="signed_out")
    g.principal = Principal("agent", grant.site_id)
    g.grant = grant


def _live_grant(token: str, now: datetime) -> LiveGrant:
    try:
        grant = live_tokens.read(current_app.config["SECRET_KEYS"], token, now)
    except tokens.ExpiredToken as error:
        raise Unauthorized("This agent token's time is over. Get a fresh one.", code="expired") from error
    except tokens.BadToken as error:
        raise Unauthorized("This is no agent token: make one as docs/agents.md shows.", code="bad_token") from error
    if grant.agent_id is None:
        raise Unauthorized("This token is the console's, not an agent's.", code="bad_token")
    return grant


def _signed_grant(token: str, now: datetime) -> LiveGrant:
    claims, signature = agent_tokens.parse(token)
    site = find_by_key(claims.site)
    if site is None:
        raise Unauthorized("The agent token names a site that is not here.", code="bad_token")
    agent_tokens.check(site_keys(db.session, current_app.config["SECRET_KEYS"], site.id), claims, signature, now)
    agent = agent_by_id(site.id, claims.agent)
    if agent is None:
        raise Unauthorized("There is no such agent. Make them with PUT /api/v1/agents/{id} first.", code="bad_token")
    conversation = conversation_by_id(site.id, claims.conversation) if claims.conversation else None
    if claims.conversation and conversation is None:
        raise Unauthorized("The agent token names a conversation that is not here.", code="bad_token")
    conversation_id = conversation.id if conversation else None
    return LiveGrant(site.id, None, agent.id, conversation_id, claims.issued_at, claims.expires_at)


_CHECKS: dict[Who, Callable[[Access], None]] = {
    "anyone": _nobody,
    "page": _nobody,
    "api_key": _api_key,
    "operator": _operator,
    "console": _console,
    "live": _live,
    "agent": _agent,
}


def _bearer(what: str) -> str:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not value:
        raise Unauthorized(f"Send {what} in the header `Authorization: Bearer ...`.")
    return value.strip()


def session_cookie() -> str:
    """The console's cookie; over TLS it is pinned to this host."""
    return "__Host-tilfreds" if current_app.config["PUBLIC_URL"].startswith("https:") else "tilfreds"


def refuse_foreign_post() -> None:
    """A form or script of another origin must not write with the console's cookie."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("This came from another site.", code="csrf")
    origin = request.headers.get("Origin")
    if origin is not None and _host_of(origin) != request.host:
        raise Forbidden("This came from another site.", code="csrf")


def _host_of(origin: str) -> str | None:
    """None for what is no origin at all: anybody may send any header."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def origin_allowed(site: Site, origin: str | None) -> bool:
    """Whether a page of `origin` may use the site's key.

    Without one it is no browser, and an origin list stops only those.
    """
    if origin is None:
        return True
    if origin == current_app.config["PUBLIC_URL"]:
        return True
    return any(_matches(origin, pattern) for pattern in site.allowed_origins)


def _matches(origin: str, pattern: str) -> bool:
    if not pattern.endswith(":*"):
        return origin == pattern
    base = pattern[:-2]
    port = origin[len(base) :]
    return origin.startswith(base) and (port == "" or (port[0] == ":" and port[1:].isdigit()))


def source() -> str:
    """What limits count by: the caller's address, an IPv6 one by its /64. Never stored."""
    return _counted_as(request.remote_addr or "127.0.0.1")


@functools.lru_cache(maxsize=4096)
def _counted_as(remote: str) -> str:
    address = _address(remote)
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), 64), strict=False).network_address)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Some proxies add a port, or write a word for what they do not know; all of those count as one."""
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return ipaddress.IPv4Address(0)
