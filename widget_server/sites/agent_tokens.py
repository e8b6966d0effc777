"""Agent tokens that a site's back end makes by itself, with the secret that it also signs visitors with.

`tfa_CLAIMS.1.KEYID.MAC`: the claims say who and until when, the MAC covers them as length-prefixed fields. Their
purpose stands among the fields, so no signature of a visitor is ever good as an agent's token, nor the other way round.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ..core import tokens
from ..core.errors import Unauthorized
from .signatures import SIGNATURE_VERSION, SiteKey, find_key

PREFIX = "tfa_"
PURPOSE = "agent"
MAX_LIFETIME = timedelta(minutes=15)
#: A back end's clock may be so much ahead of ours.
CLOCK_SKEW = timedelta(minutes=1)
#: The claims and their types, in the order in which they are signed.
CLAIMS = {"site": str, "agent": str, "conversation": str, "issued": int, "expires": int}


@dataclass(frozen=True)
class AgentClaims:
    """What a token says; who made it is another question (`check`)."""

    site: str
    #: Ids as the back end gave them. An empty conversation: all that the agent may see.
    agent: str
    conversation: str
    issued: int
    expires: int

    @property
    def issued_at(self) -> datetime:
        return datetime.fromtimestamp(self.issued, UTC)

    @property
    def expires_at(self) -> datetime:
        return datetime.fromtimestamp(self.expires, UTC)

    @property
    def fields(self) -> list[str]:
        """What is signed, in its order."""
        return [SIGNATURE_VERSION, PURPOSE, *(str(getattr(self, name)) for name in CLAIMS)]


def parse_claims(token: str) -> tuple[AgentClaims, str]:
    """The claims and their signature; a 401 for any other text."""
    body, _, signature = token.removeprefix(PREFIX).partition(".")
    try:
        claims = json.loads(tokens.unb64(body))
    except (tokens.BadToken, ValueError, RecursionError) as error:
        raise unreadable_token() from error
    if not isinstance(claims, dict) or {name: type(value) for name, value in claims.items()} != CLAIMS:
        raise unreadable_token()
    if not all(0 < claims[name] < 1 << 34 for name in ("issued", "expires")) or not is_text(claims):
        raise unreadable_token()
    return AgentClaims(**claims), signature


def check_claims(keys: Sequence[SiteKey], claims: AgentClaims, signature: str, now: datetime) -> None:
    """A 401 with its reason unless the site's back end signed exactly this, for at most 15 minutes, and they last."""
    try:
        key_id, given = tokens.split_signature(signature)
    except tokens.BadToken as error:
        raise Unauthorized(f"The agent token's signature cannot be read: {error}.", code="bad_token") from error
    key = find_key(keys, key_id, now)
    if key is None:
        raise Unauthorized("The agent token's key is unknown or retired.", code="bad_token")
    if not hmac.compare_digest(tokens.mac(key.visitor, tokens.length_prefixed(claims.fields)), given):
        raise Unauthorized("The agent token's signature does not fit what it says.", code="bad_token")
    if claims.expires_at - claims.issued_at > MAX_LIFETIME:
        raise Unauthorized("An agent token lives for 15 minutes at most: `expires` is too late.", code="bad_token")
    if claims.issued_at > now + CLOCK_SKEW:
        raise Unauthorized("This agent token is of the future. Set the back end's clock.", code="bad_token")
    if claims.expires_at < now:
        raise Unauthorized("This agent token's time is over. Get a fresh one.", code="expired")


def is_text(claims: dict[str, Any]) -> bool:
    """JSON may spell half a character, which can be neither signed nor looked up."""
    texts = "".join(text for text in claims.values() if isinstance(text, str))
    return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in texts)


def unreadable_token() -> Unauthorized:
    return Unauthorized("This is no agent token: make one as docs/guides/agents.md shows.", code="bad_token")
