"""Agent tokens, which a site's back end creates with the same secret that signs its visitors.

`tfa_CLAIMS.1.KEYID.MAC`: the claims name the agent and the expiry, and the MAC covers them as length-prefixed fields.
The purpose is one of the fields, so a visitor's signature is never valid as an agent's token, nor the reverse.
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
#: How far a back end's clock may be ahead of this server's.
CLOCK_SKEW = timedelta(minutes=1)
#: The claims and their types, in the order in which they are signed.
CLAIMS = {"site": str, "agent": str, "conversation": str, "issued": int, "expires": int}


@dataclass(frozen=True)
class AgentClaims:
    """The claims of a token. `check_claims` verifies its issuer."""

    site: str
    #: The back end's own ids. An empty conversation means all that the agent may see.
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
        """The signed fields, in their order."""
        return [SIGNATURE_VERSION, PURPOSE, *(str(getattr(self, name)) for name in CLAIMS)]


def parse_claims(token: str) -> tuple[AgentClaims, str]:
    """Return the claims of a token and their signature.

    Raises:
        Unauthorized: the text is not an agent token.
    """
    body, _, signature = token.removeprefix(PREFIX).partition(".")
    try:
        claims = json.loads(tokens.unb64(body))
    except (tokens.BadToken, ValueError, RecursionError) as error:
        raise unreadable_token() from error
    if not isinstance(claims, dict) or {name: type(value) for name, value in claims.items()} != CLAIMS:
        raise unreadable_token()
    if not all(0 < claims[name] < 1 << 34 for name in ("issued", "expires")) or not has_valid_texts(claims):
        raise unreadable_token()
    return AgentClaims(**claims), signature


def check_claims(keys: Sequence[SiteKey], claims: AgentClaims, signature: str, now: datetime) -> str:
    """Check that the site's back end signed these claims, and that they are valid now; return the id of its secret.

    Raises:
        Unauthorized: the signature is wrong, the lifetime is over 15 minutes, or the token is not valid at `now`.
    """
    try:
        key_id, signed_mac = tokens.split_signature(signature)
    except tokens.BadToken as error:
        raise Unauthorized(f"The agent token's signature cannot be read: {error}.", code="bad_token") from error
    key = find_key(keys, key_id, now)
    if key is None:
        raise Unauthorized(
            "The agent token's signing key is unknown or retired; use a current signing secret.", code="bad_token"
        )
    if not hmac.compare_digest(tokens.mac(key.visitor, tokens.length_prefixed(claims.fields)), signed_mac):
        raise Unauthorized(
            "The agent token's signature does not match its claims; sign them as docs/guides/agents.md shows.",
            code="bad_token",
        )
    if claims.expires_at - claims.issued_at > MAX_LIFETIME:
        raise Unauthorized(
            "The agent token is valid for more than 15 minutes; set an earlier `expires`.", code="bad_token"
        )
    if claims.issued_at > now + CLOCK_SKEW:
        raise Unauthorized("The agent token was issued in the future; check the back end's clock.", code="bad_token")
    if claims.expires_at < now:
        raise Unauthorized("The agent token has expired; create a new one.", code="expired")
    return key_id


def has_valid_texts(claims: dict[str, Any]) -> bool:
    """Return whether every text can be signed and looked up: JSON may contain unpaired surrogates and NUL."""
    texts = "".join(text for text in claims.values() if isinstance(text, str))
    return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in texts)


def unreadable_token() -> Unauthorized:
    """Return the error for a text that is not an agent token."""
    return Unauthorized("The agent token cannot be read; create one as docs/guides/agents.md shows.", code="bad_token")
