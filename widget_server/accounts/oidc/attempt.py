"""A sign-in at the provider that a browser has started: its state, nonce and PKCE verifier.

They travel in a sealed cookie, which binds the attempt to the browser: an answer that a stranger obtained does not fit
the cookie of another browser. Authlib kept the state in a cache of all browsers (GHSA-fg6f-75jq-6523). The session that
an attempt opens stores its state, so that an attempt opens a single session.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlencode

from ...core import tokens
from ...core.errors import Unauthorized
from ...core.marked_texts import N_
from .provider import Provider
from .settings import OidcSettings

#: "test" shows what a sign-in would do.
Purpose = Literal["sign_in", "test"]
LIFETIME = timedelta(minutes=10)
MAX_COOKIE_LENGTH = 4_000
SCOPES = "openid email profile"
PURPOSE = "oidc"
TRY_AGAIN = N_("This sign-in was started in another browser or took too long. Sign in again.")


@dataclass(frozen=True)
class Attempt:
    """What the answer of the provider is compared with."""

    purpose: Purpose
    state: str
    nonce: str
    verifier: str
    #: The provider may be replaced meanwhile.
    issuer: str
    client_id: str
    next_path: str
    #: Unix seconds.
    expires_at: int

    @property
    def state_hash(self) -> str:
        """Return what the session that it opens stores."""
        return tokens.digest(self.state)


def start_attempt(settings: OidcSettings, purpose: Purpose, next_path: str, now: datetime) -> Attempt:
    state, nonce, verifier = (tokens.random_text(32) for _ in range(3))
    expires_at = int((now + LIFETIME).timestamp())
    state = f"{purpose}.{state}"
    return Attempt(purpose, state, nonce, verifier, settings.issuer, settings.client_id, next_path, expires_at)


def authorization_address(provider: Provider, attempt: Attempt, redirect_uri: str) -> str:
    """Return the address of the provider where the browser goes."""
    challenge = tokens.b64(hashlib.sha256(attempt.verifier.encode()).digest())
    query = {
        "response_type": "code",
        "client_id": attempt.client_id,
        "redirect_uri": redirect_uri,
        "scope": SCOPES,
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    separator = "&" if "?" in provider.authorization_endpoint else "?"
    return f"{provider.authorization_endpoint}{separator}{urlencode(query)}"


def seal_attempt(secret_keys: Sequence[bytes], attempt: Attempt) -> str:
    """Return the value of the cookie, which even its browser cannot read."""
    values = json.dumps({**asdict(attempt), "kind": PURPOSE}).encode()
    return tokens.seal(secret_keys, values).decode()


def read_attempt(secret_keys: Sequence[bytes], cookie_value: str, state: str, now: datetime) -> Attempt:
    """Return the attempt of a cookie, to which the state of an answer belongs.

    Raises: Unauthorized: the cookie is missing or too old, or the answer is one to another attempt.
    """
    try:
        if len(cookie_value) > MAX_COOKIE_LENGTH:
            raise tokens.BadToken("too long")
        values = json.loads(tokens.unseal(secret_keys, cookie_value.encode()))
        if values.pop("kind", None) != PURPOSE:
            raise tokens.BadToken("sealed for another purpose")
        attempt = Attempt(**values)
    except (tokens.BadToken, ValueError, TypeError, AttributeError) as error:
        raise Unauthorized(TRY_AGAIN, code="sign_on_expired") from error
    is_same = hmac.compare_digest(attempt.state.encode(), state.encode("utf-8", "replace"))
    if not is_same or attempt.expires_at <= now.timestamp():
        raise Unauthorized(TRY_AGAIN, code="sign_on_expired")
    return attempt
