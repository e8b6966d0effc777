"""Access policies: from a request to its principal, site and rights. The only place that decides.

Every route declares by `@requires` who may call it and whether it reads or writes; `tests/test_guards.py` walks the URL
map and fails on one that does not. The declaration also chooses the database engine (`g.access`, see storage/db.py).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from flask import current_app, g, request

from ..accounts import live_tokens
from ..accounts import service as accounts
from ..accounts.live_tokens import LiveGrant
from ..conversations.agents import by_external_id as agent_by_id
from ..conversations.models import Agent
from ..conversations.queries import by_external_id as conversation_by_id
from ..core import clock, tokens
from ..core.errors import Forbidden, Unauthorized
from ..sites import agent_tokens
from ..sites.models import Site
from ..sites.service import find_by_key, is_living
from ..sites.signatures import site_keys
from ..storage import group_commit
from ..storage.db import db
from .csrf import refuse_foreign_post

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


def requires(who: Who, access: Access, *, runs_again: bool = True) -> Callable[[View], View]:
    """Declare who may call a view and what it does to the database. What writes runs again after a lost race."""

    def declare(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.access = access
            CHECKS[who](access)
            if access == "read" or not runs_again:
                return view(*args, **kwargs)
            # Of two writers who make the same row at once one loses on PostgreSQL, and finds it when it tries again.
            return group_commit.retry(lambda: view(*args, **kwargs), db.session.rollback)

        guarded.access_policy = (who, access)  # type: ignore[attr-defined]
        return guarded

    return declare


def _nobody(access: Access) -> None:
    """Anyone may call it; what a page may do is decided with its site (see widget/page_request.py)."""


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
    if agent is None or not is_living(site):
        raise Unauthorized("This token's agent or site is not here any more.", code="signed_out")
    if agent.valid_after is not None and grant.first_at <= agent.valid_after:
        raise Unauthorized("This agent's tokens were revoked. Get a fresh one.", code="signed_out")
    g.principal = Principal("agent", grant.site_id)
    g.grant = grant


def _live_grant(token: str, now: datetime) -> LiveGrant:
    try:
        grant = live_tokens.read_token(current_app.config["SECRET_KEYS"], token, now)
    except tokens.ExpiredToken as error:
        raise Unauthorized("This agent token's time is over. Get a fresh one.", code="expired") from error
    except tokens.BadToken as error:
        raise Unauthorized(
            "This is no agent token: make one as docs/guides/agents.md shows.", code="bad_token"
        ) from error
    if grant.agent_id is None:
        raise Unauthorized("This token is the console's, not an agent's.", code="bad_token")
    return grant


def _signed_grant(token: str, now: datetime) -> LiveGrant:
    claims, signature = agent_tokens.parse_claims(token)
    site = find_by_key(claims.site)
    if site is None:
        raise Unauthorized("The agent token names a site that is not here.", code="bad_token")
    agent_tokens.check_claims(site_keys(db.session, current_app.config["SECRET_KEYS"], site.id), claims, signature, now)
    agent = agent_by_id(site.id, claims.agent)
    if agent is None:
        raise Unauthorized("There is no such agent. Make them with PUT /api/v1/agents/{id} first.", code="bad_token")
    conversation = conversation_by_id(site.id, claims.conversation) if claims.conversation else None
    if claims.conversation and conversation is None:
        raise Unauthorized("The agent token names a conversation that is not here.", code="bad_token")
    conversation_id = conversation.id if conversation else None
    return LiveGrant(site.id, None, agent.id, conversation_id, claims.issued_at, claims.expires_at)


CHECKS: dict[Who, Callable[[Access], None]] = {
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
