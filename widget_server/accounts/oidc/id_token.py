"""Check an ID token: its signature and its claims (OpenID Connect Core 1.0, section 3.1.3.7). Pure functions.

Only a key of the provider's own list verifies a token. A key in the token's header, or one that it points to, is never
used: Authlib took such a key until CVE-2026-27962.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jwk, jws
from joserfc.errors import JoseError

Claims = dict[str, Any]
Jwk = dict[str, Any]

#: Signatures with a private key. "none" and HS256 are absent: the former proves nothing, and the public key of a
#: provider could pass as the secret of the latter.
KEY_TYPES = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
}
#: How far the clocks of the provider and this server may differ.
CLOCK_SKEW_SECONDS = 60
#: The provider makes the token in the moment in which this server asks for it.
MAX_AGE_SECONDS = 3_600
MIN_RSA_BITS = 2_048
MAX_TOKEN_LENGTH = 32_000
MAX_SUBJECT_LENGTH = 255


class BadIdToken(Exception):
    """The ID token is not acceptable; the text says why."""


class UnknownKey(BadIdToken):
    """No key of the list has the token's key id: the provider may have new keys."""


@dataclass(frozen=True)
class Expected:
    """What the claims of an ID token have to be."""

    issuer: str
    client_id: str
    nonce: str


def check_id_token(token: str, keys: Sequence[Jwk], expected: Expected, now: datetime) -> Claims:
    """Return the claims of an ID token that the provider made for this sign-in.

    Raises:
        UnknownKey: the provider's list has no key with the token's key id.
        BadIdToken: the signature or a claim is not acceptable.
    """
    claims = _verify_signature(token, keys)
    _check_parties(claims, expected)
    _check_times(claims, now.timestamp())
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), expected.nonce.encode()):
        raise BadIdToken("its nonce belongs to another sign-in")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT_LENGTH or not subject.isprintable():
        raise BadIdToken("it has no valid subject")
    return claims


def _verify_signature(token: str, keys: Sequence[Jwk]) -> Claims:
    if len(token) > MAX_TOKEN_LENGTH or token.count(".") != 2:
        raise BadIdToken("it is no signed token")
    try:
        header = jws.extract_compact(token.encode()).headers()
        algorithm = header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in KEY_TYPES:
            raise BadIdToken(f"its algorithm {str(algorithm)[:20]} is not allowed")
        if "crit" in header:
            raise BadIdToken("it requires an unknown extension")
        key = jwk.import_key(_find_key(keys, header.get("kid"), KEY_TYPES[algorithm]))
        if isinstance(key, jwk.RSAKey) and key.public_key.key_size < MIN_RSA_BITS:
            raise BadIdToken("the provider's key is too short")
        registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
        payload = jws.deserialize_compact(token, key, registry=registry).payload
        claims = json.loads(payload or b"")
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise BadIdToken("its signature is wrong") from error
    if not isinstance(claims, dict):
        raise BadIdToken("it contains no claims")
    return claims


def _find_key(keys: Sequence[Jwk], key_id: object, key_type: str) -> Jwk:
    """Return the key with an id; without an id, the only key of the type."""
    usable_keys = [key for key in keys if key.get("kty") == key_type and key.get("use", "sig") == "sig"]
    if key_id is not None:
        usable_keys = [key for key in usable_keys if key.get("kid") == key_id]
    if not usable_keys:
        raise UnknownKey("the provider has no such key")
    if len(usable_keys) > 1:
        raise BadIdToken("it does not name one of the provider's keys")
    return usable_keys[0]


def _check_parties(claims: Claims, expected: Expected) -> None:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if claims.get("iss") != expected.issuer:
        raise BadIdToken("another provider has issued it")
    if expected.client_id not in audiences:
        raise BadIdToken("it is for another application")
    party = claims.get("azp")
    if party != expected.client_id and (party is not None or len(audiences) > 1):
        raise BadIdToken("it was issued to another application")


def _check_times(claims: Claims, now: float) -> None:
    expires_at, issued_at, first_at = (_to_seconds(claims, name) for name in ("exp", "iat", "nbf"))
    if expires_at is None or expires_at <= now - CLOCK_SKEW_SECONDS:
        raise BadIdToken("it has expired")
    if issued_at is None or issued_at > now + CLOCK_SKEW_SECONDS or issued_at < now - MAX_AGE_SECONDS:
        raise BadIdToken("it was not issued now; compare the clocks of both servers")
    if first_at is not None and first_at > now + CLOCK_SKEW_SECONDS:
        raise BadIdToken("it is not valid yet; compare the clocks of both servers")


def _to_seconds(claims: Claims, name: str) -> float | None:
    value = claims.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
