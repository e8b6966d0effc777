"""Live tokens: short passes for an event stream, made by the console or the API and read by the live process.

One names its site and either a console session or an agent, perhaps a single conversation. It lives for minutes; an
open stream renews it, up to twelve hours after the first of its line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from ..core import tokens

LIFE = timedelta(minutes=15)
LINE_LIFE = timedelta(hours=12)
PREFIX = "tfl"
PURPOSE = "live"
IDS = ("session_id", "agent_id", "conversation_id")


@dataclass(frozen=True)
class LiveGrant:
    """Who may follow what. Exactly one of `session_id` and `agent_id` is set."""

    site_id: UUID
    session_id: UUID | None
    agent_id: UUID | None
    #: The only conversation it opens; None: every one that its bearer may see.
    conversation_id: UUID | None
    #: When the first token of this line was made.
    first_at: datetime
    expires_at: datetime


def grant_to_session(site_id: UUID, session_id: UUID, now: datetime) -> LiveGrant:
    """For a page of the console."""
    return LiveGrant(site_id, session_id, None, None, now, now + LIFE)


def grant_to_agent(site_id: UUID, agent_id: UUID, conversation_id: UUID | None, now: datetime) -> LiveGrant:
    """For an agent in the owner's own tool, vouched for by the owner's back end."""
    return LiveGrant(site_id, None, agent_id, conversation_id, now, now + LIFE)


def renew_grant(grant: LiveGrant, now: datetime) -> LiveGrant | None:
    """The same grant with a new life; None when its line is too old."""
    expires_at = min(now + LIFE, grant.first_at + LINE_LIFE)
    return replace(grant, expires_at=expires_at) if expires_at > grant.expires_at else None


def write_token(secret_keys: Sequence[bytes], grant: LiveGrant) -> str:
    """The token of a grant."""
    claims: dict[str, Any] = {"site": str(grant.site_id), "first": grant.first_at.timestamp()}
    for name in IDS:
        value = getattr(grant, name)
        if value is not None:
            claims[name] = str(value)
    return tokens.sign(secret_keys, PREFIX, PURPOSE, claims, grant.expires_at)


def read_token(secret_keys: Sequence[bytes], token: str, now: datetime) -> LiveGrant:
    """The grant of a token; `tokens.BadToken` or `tokens.ExpiredToken` when it opens nothing."""
    claims = tokens.verify(secret_keys, PREFIX, PURPOSE, token, now)
    ids = {name: UUID(claims[name]) if name in claims else None for name in IDS}
    return LiveGrant(
        site_id=UUID(claims["site"]),
        **ids,
        first_at=datetime.fromtimestamp(claims["first"], UTC),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
    )
