"""Live tokens: short-lived tokens for an event stream.

The console or the API makes them and the live process reads them.

A token names its site, either a console session or an agent, and optionally a single conversation. It is valid for
minutes; an open stream renews it until twelve hours after the first token.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from ..core import tokens

TOKEN_LIFETIME = timedelta(minutes=15)
MAX_RENEWAL_AGE = timedelta(hours=12)
PREFIX = "tfl"
PURPOSE = "live"
IDS = ("session_id", "agent_id", "conversation_id", "api_key_id")


@dataclass(frozen=True)
class LiveGrant:
    """The right to follow a site's events.

    Exactly one of `session_id` and `agent_id` is set.
    """

    site_id: UUID
    session_id: UUID | None
    agent_id: UUID | None
    #: The only conversation that it opens; None for all that its holder may see.
    conversation_id: UUID | None
    #: The earliest time at which the first token can have been made, of which this one is a renewal.
    first_at: datetime
    expires_at: datetime
    #: The signing secret or the API key with which the back end asked for the first token; it ends with either.
    key_id: str | None = None
    api_key_id: UUID | None = None

    @property
    def holder(self) -> UUID | None:
        """The id of the session or agent that holds the grant."""
        return self.session_id or self.agent_id

    def is_revoked(self, *revoked_at: datetime | None) -> bool:
        """Return whether one of these revocations came after the first token was made."""
        return any(moment is not None and self.first_at <= moment for moment in revoked_at)


def grant_to_session(site_id: UUID, session_id: UUID, now: datetime) -> LiveGrant:
    """Return a new grant for a page of the console."""
    return LiveGrant(site_id, session_id, None, None, now, now + TOKEN_LIFETIME)


def grant_to_agent(
    site_id: UUID, agent_id: UUID, conversation_id: UUID | None, now: datetime, *, api_key_id: UUID | None = None
) -> LiveGrant:
    """Return a new grant for an agent in the owner's tool.

    The owner's back end has authenticated the agent; it called with this API key.
    """
    return LiveGrant(site_id, None, agent_id, conversation_id, now, now + TOKEN_LIFETIME, api_key_id=api_key_id)


def renew_grant(grant: LiveGrant, now: datetime) -> LiveGrant | None:
    """Return the grant with a later expiry; None if it has reached `MAX_RENEWAL_AGE`."""
    expires_at = min(now + TOKEN_LIFETIME, grant.first_at + MAX_RENEWAL_AGE)
    return replace(grant, expires_at=expires_at) if expires_at > grant.expires_at else None


def write_token(secret_keys: Sequence[bytes], grant: LiveGrant) -> str:
    """Return the token of a grant."""
    claims: dict[str, Any] = {"site": str(grant.site_id), "first": grant.first_at.timestamp()}
    for name in IDS:
        value = getattr(grant, name)
        if value is not None:
            claims[name] = str(value)
    if grant.key_id is not None:
        claims["key_id"] = grant.key_id
    return tokens.sign(secret_keys, PREFIX, PURPOSE, claims, grant.expires_at)


def read_token(secret_keys: Sequence[bytes], token: str, now: datetime) -> LiveGrant:
    """Return the grant of a token.

    Raises:
        tokens.ExpiredToken: the token has expired.
        tokens.BadToken: the token is invalid.
    """
    claims = tokens.verify(secret_keys, PREFIX, PURPOSE, token, now)
    ids = {name: UUID(claims[name]) if name in claims else None for name in IDS}
    return LiveGrant(
        site_id=UUID(claims["site"]),
        **ids,
        first_at=datetime.fromtimestamp(claims["first"], UTC),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
        key_id=claims.get("key_id"),
    )
