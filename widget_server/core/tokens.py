"""Random keys, signed tokens and the signature of a site's back end. Knows bytes and purposes, nothing of the product.

Every comparison of secrets is `hmac.compare_digest`. A signed token is `PREFIX_PAYLOAD.MAC`: payload is canonical JSON
in base64url, the MAC is HMAC-SHA256 under a key derived for that one purpose, so that a token of one purpose is noise
to another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import struct
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
MAC_BYTES = 16
NONCE_BYTES = 12


class BadToken(Exception):
    """It was not made here, not for this purpose, or it was altered."""


class ExpiredToken(BadToken):
    """It was ours, and its time is over."""


def b64(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: str) -> bytes:
    """The bytes of canonical base64url without padding; anything else is a `BadToken`."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadToken("not base64url") from error
    if b64(data) != text:
        # Two spellings of the same bytes would let a flipped bit pass.
        raise BadToken("not canonical base64url")
    return data


def random_text(byte_count: int) -> str:
    """`byte_count` random bytes as base64url."""
    return b64(secrets.token_bytes(byte_count))


def digest(text: str) -> str:
    """SHA-256 as hex: what is stored in place of a secret that only others hold."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def derive(root: bytes, purpose: str) -> bytes:
    """The key of one purpose under a root secret (HKDF-SHA256)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"tilfreds/" + purpose.encode()).derive(root)


def mac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


def seal(secret_keys: Sequence[bytes], clear: bytes) -> bytes:
    """Encrypted with the newest of the server's keys (AES-256-GCM)."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(derive(secret_keys[0], "seal")).encrypt(nonce, clear, None)


def unseal(secret_keys: Sequence[bytes], sealed: bytes) -> bytes:
    """What `seal` hid, under any of the server's keys; `BadToken` when none fits."""
    for key in secret_keys:
        try:
            return AESGCM(derive(key, "seal")).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except InvalidTag:
            continue
    raise BadToken("the server's secret file does not fit this database")


def sign(secret_keys: Sequence[bytes], prefix: str, purpose: str, claims: dict[str, Any], expires_at: datetime) -> str:
    """A token that only this server can make. `expires_at` becomes the claim `exp` (unix seconds)."""
    payload = {**claims, "exp": int(expires_at.timestamp())}
    body = b64(json.dumps(payload, separators=(",", ":"), sort_keys=True).encode())
    return f"{prefix}_{body}.{b64(mac(derive(secret_keys[0], purpose), body.encode()))}"


def verify(secret_keys: Sequence[bytes], prefix: str, purpose: str, token: str, now: datetime) -> dict[str, Any]:
    """The claims of a token of this purpose; `BadToken`, or `ExpiredToken` when it was ours."""
    head, _, rest = token.partition("_")
    body, _, given = rest.partition(".")
    if head != prefix or not body or not given:
        raise BadToken("not a token of this kind")
    given_mac = unb64(given)
    if not any(hmac.compare_digest(mac(derive(key, purpose), body.encode()), given_mac) for key in secret_keys):
        raise BadToken("the signature does not fit")
    claims = json.loads(unb64(body))
    if claims["exp"] < now.timestamp():
        raise ExpiredToken("expired")
    return claims


def length_prefixed(fields: Sequence[str]) -> bytes:
    """Each field as a 4-byte big-endian length and UTF-8: two different tuples never give the same bytes."""
    encoded = [field.encode("utf-8") for field in fields]
    return b"".join(struct.pack(">I", len(part)) + part for part in encoded)


def sign_fields(key: bytes, key_id: str, fields: Sequence[str]) -> str:
    """`1.KEYID.MAC` over length-prefixed fields: what a site's back end makes."""
    return f"1.{key_id}.{b64(mac(key, length_prefixed(fields)))}"


def split_signature(signature: str) -> tuple[str, bytes]:
    """(key id, mac) of `1.KEYID.MAC`; `BadToken` for any other form."""
    parts = signature.split(".")
    if len(parts) != 3 or parts[0] != "1" or not parts[1]:
        raise BadToken("a signature reads 1.KEYID.MAC")
    given = unb64(parts[2])
    if len(given) != KEY_BYTES:
        raise BadToken("the MAC of a signature has 32 bytes")
    return parts[1], given
