"""Authentication and authorization of every route.

Each route declares with `@requires` who may call it and whether it reads or writes; `tests/test_guards.py` walks the
URL map and fails on a route that does not. The declaration also chooses the engine (`g.access`, storage/db.py).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import current_app, g, request

from ..accounts import live_tokens
from ..accounts import service as accounts
from ..accounts.live_tokens import LiveGrant
from ..accounts.models import ApiKey
from ..accounts.roles import Right
from ..accounts.scopes import Scope
from ..conversations.agents import find_agent
from ..conversations.models import Agent
from ..conversations.queries import find_conversation
from ..core import clock, tokens
from ..core.errors import Forbidden, Unauthorized
from ..sites import agent_tokens
from ..sites.models import Site
from ..sites.service import find_by_key, is_living
from ..sites.signatures import find_key, site_keys
from ..storage import group_commit
from ..storage.db import db
from .last_use import store_last_use
from .principal import Access, Principal, Who
from .signed_in import check_console

View = Callable[..., Any]


def requires(
    who: Who,
    access: Access,
    *,
    right: Right | None = None,
    scope: Scope | None = None,
    needs_factor: bool = True,
    runs_again: bool = True,
) -> Callable[[View], View]:
    """Declare who may call a view and how it uses the database.

    `right` is what a signed-in person needs: at the site of the address, which `check_right` checks once the site is
    loaded, or, on a page of no site, at all sites. `scope` is what an API key needs, by default the access. With
    `needs_factor=False` a person calls the view without the second factor that the server or the site requires. A view
    that writes runs again after a lost race.
    """

    def declare(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.access, g.right, g.needs_factor = access, right, needs_factor
            g.scope = scope or access
            CHECKS[who](access)
            if access == "read" or not runs_again:
                return view(*args, **kwargs)
            # If two writers insert the same row at once, PostgreSQL rejects one, which finds the row on its retry.
            return group_commit.retry(lambda: view(*args, **kwargs), db.session.rollback)

        guarded.access_policy = (who, access)  # type: ignore[attr-defined]
        guarded.right = right  # type: ignore[attr-defined]
        guarded.scope = (scope or access) if who == "api_key" else None  # type: ignore[attr-defined]
        return guarded

    return declare


def _check_nothing(access: Access) -> None:
    """Admit every caller.

    `widget/page_request.py` decides what a page may do, as it reads the page's site.
    """


def _check_api_key(access: Access) -> None:
    now = clock.now()
    key = accounts.find_api_key(_bearer_token("an API key"), now)
    if key is None:
        raise Unauthorized("Unknown, expired or revoked API key: create one with `tilfreds key create`.")
    g.who = f"key={key.id}"
    if g.scope not in key.scopes:
        raise Forbidden(f"This API key has no `{g.scope}` scope: create one that has it.", code="scope")
    g.principal = Principal("api_key", key.site_id, frozenset(key.scopes), f"API key {key.name}", key.id)
    g.site_id = key.site_id
    if accounts.needs_touch(key, now):
        store_last_use(accounts.touch, key.id, now, access)


def _check_operator(access: Access) -> None:
    try:
        token = _bearer_token("an operator token")
        tokens.verify(current_app.config["SECRET_KEYS"], "tfo", "operator", token, clock.now())
    except tokens.BadToken as error:
        raise Unauthorized("Invalid or expired operator token: create one with `tilfreds operator-token`.") from error
    g.who = "operator"
    g.principal = Principal("operator")


def _check_live(access: Access) -> None:
    """Admit every caller.

    A stream checks its token itself, as it has to check it again while it is open (live/).
    """


def _check_agent(access: Access) -> None:
    """Set `g.grant` for an agent in the owner's helpdesk.

    The token is one of ours or one that the back end signed.
    """
    now = clock.now()
    token = _bearer_token("an agent token")
    grant = _signed_grant(token, now) if token.startswith(agent_tokens.PREFIX) else _live_grant(token, now)
    agent = db.session.get(Agent, (grant.site_id, grant.agent_id))
    site = db.session.get(Site, grant.site_id)
    if agent is None or site is None or not is_living(site):
        raise Unauthorized("The agent or the site of this token was removed.", code="signed_out")
    g.who = f"agent={agent.id}"
    if grant.is_revoked(agent.valid_after, site.tokens_valid_after):
        raise Unauthorized("The tokens of this agent were revoked: request a new one.", code="signed_out")
    _check_key_of(grant, now)
    g.principal = Principal("agent", grant.site_id)
    g.grant = grant


def _check_key_of(grant: LiveGrant, now: datetime) -> None:
    """Raise Unauthorized if the secret or key with which the back end asked for this token has ended since."""
    if grant.key_id is not None:
        keys = site_keys(db.session, current_app.config["SECRET_KEYS"], grant.site_id)
        if find_key(keys, grant.key_id, now) is None:
            raise Unauthorized("The signing secret of this token was retired: request a new one.", code="signed_out")
    if grant.api_key_id is not None:
        api_key = db.session.get(ApiKey, (grant.site_id, grant.api_key_id))
        if not accounts.is_open(api_key, now):
            raise Unauthorized(
                "The API key of this token was revoked or has expired: request a new one.", code="signed_out"
            )


def _live_grant(token: str, now: datetime) -> LiveGrant:
    try:
        grant = live_tokens.read_token(current_app.config["SECRET_KEYS"], token, now)
    except tokens.ExpiredToken as error:
        raise Unauthorized("The agent token has expired: request a new one.", code="expired") from error
    except tokens.BadToken as error:
        raise Unauthorized("Invalid agent token: create one as in docs/guides/agents.md.", code="bad_token") from error
    if grant.agent_id is None:
        raise Unauthorized("This token is for the console: send an agent token.", code="bad_token")
    return grant


def _signed_grant(token: str, now: datetime) -> LiveGrant:
    claims, signature = agent_tokens.parse_claims(token)
    site = find_by_key(claims.site)
    if site is None:
        raise Unauthorized("Unknown site in the agent token: check the site key.", code="bad_token")
    keys = site_keys(db.session, current_app.config["SECRET_KEYS"], site.id)
    key_id = agent_tokens.check_claims(keys, claims, signature, now)
    agent = find_agent(site.id, claims.agent)
    if agent is None:
        raise Unauthorized("Unknown agent in the token: create it with PUT /api/v1/agents/{id}.", code="bad_token")
    conversation = find_conversation(site.id, claims.conversation) if claims.conversation else None
    if claims.conversation and conversation is None:
        raise Unauthorized("Unknown conversation in the agent token: create the conversation first.", code="bad_token")
    conversation_id = conversation.id if conversation else None
    # The back end's clock may be ahead, so a token that was made before a revocation can name a later time.
    first_at = min(claims.issued_at, now) - agent_tokens.CLOCK_SKEW
    return LiveGrant(site.id, None, agent.id, conversation_id, first_at, claims.expires_at, key_id=key_id)


CHECKS: dict[Who, Callable[[Access], None]] = {
    "anyone": _check_nothing,
    "page": _check_nothing,
    "api_key": _check_api_key,
    "operator": _check_operator,
    "console": check_console,
    "live": _check_live,
    "agent": _check_agent,
}


def _bearer_token(description: str) -> str:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not value:
        raise Unauthorized(f"Send {description} in the header `Authorization: Bearer ...`.")
    return value.strip()
