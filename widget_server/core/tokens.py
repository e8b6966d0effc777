"""Random keys, signed tokens and the signatures of a site's back end.

Every comparison of secrets is `hmac.compare_digest`. A signed token is `PREFIX_PAYLOAD.MAC` by itsdangerous, with
the purpose as its salt, so that a token of one purpose is invalid for another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadData, URLSafeSerializer

KEY_BYTES = 32
MAC_BYTES = 16


class BadToken(Exception):
    """The token was not issued here, is for another purpose, or was altered."""


class ExpiredToken(BadToken):
    """The token was issued here and has expired."""


def b64(data: bytes) -> str:
    """Encode as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: str) -> bytes:
    """Decode canonical base64url without padding.

    Raises:
        BadToken: the text is anything else.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadToken("not base64url") from error
    if b64(data) != text:
        # If two texts decoded to the same bytes, a flipped bit would pass.
        raise BadToken("not canonical base64url")
    return data


def random_key() -> bytes:
    """Return a new secret of `KEY_BYTES` random bytes."""
    return secrets.token_bytes(KEY_BYTES)


def random_text(byte_count: int) -> str:
    """Return `byte_count` random bytes as base64url."""
    return b64(secrets.token_bytes(byte_count))


def digest(text: str) -> str:
    """Return the SHA-256 as hex.

    It is stored in place of a secret that only its owner keeps.
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def derive(root: bytes, purpose: str) -> bytes:
    """Derive the key of one purpose from a root secret (HKDF-SHA256)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"tilfreds/" + purpose.encode()).derive(root)


def mac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


def _fernet(secret_keys: Sequence[bytes]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(derive(key, "seal"))) for key in secret_keys])


def seal(secret_keys: Sequence[bytes], clear: bytes) -> bytes:
    """Encrypt with the newest of the server's keys."""
    return _fernet(secret_keys).encrypt(clear)


def unseal(secret_keys: Sequence[bytes], sealed: bytes) -> bytes:
    """Decrypt what `seal` encrypted under any of the server's keys.

    Raises:
        BadToken: none of the keys fits.
    """
    try:
        return _fernet(secret_keys).decrypt(sealed)
    except InvalidToken as error:
        raise BadToken("the server's secret file does not fit this database") from error


def _serializer(secret_keys: Sequence[bytes], purpose: str) -> URLSafeSerializer:
    # The library signs with the last key and tries each of them, the last one first.
    signer = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeSerializer([*reversed(secret_keys)], salt=f"tilfreds/{purpose}", signer_kwargs=signer)


def sign(secret_keys: Sequence[bytes], prefix: str, purpose: str, claims: dict[str, Any], expires_at: datetime) -> str:
    """Return a token that only this server can make.

    `expires_at` becomes the claim `exp` (Unix seconds).
    """
    payload = {**claims, "exp": int(expires_at.timestamp())}
    return f"{prefix}_{_serializer(secret_keys, purpose).dumps(payload)}"


def verify(secret_keys: Sequence[bytes], prefix: str, purpose: str, token: str, now: datetime) -> dict[str, Any]:
    """Return the claims of a token of this purpose.

    Raises:
        ExpiredToken: the token was issued here and has expired.
        BadToken: the token was not issued here, is for another purpose, or was altered.
    """
    head, _, signed = token.partition("_")
    if head != prefix or not signed.isascii():
        raise BadToken("not a token of this kind")
    # The library accepts several spellings of one signature, and a used one-time link is remembered by its text.
    unb64(signed.rpartition(".")[2])
    try:
        claims: dict[str, Any] = _serializer(secret_keys, purpose).loads(signed)
    except BadData as error:
        raise BadToken("the signature does not fit") from error
    if claims["exp"] < now.timestamp():
        raise ExpiredToken("expired")
    return claims


def length_prefixed(fields: Sequence[str]) -> bytes:
    """Encode each field as a 4-byte big-endian length and UTF-8.

    No two tuples of fields give the same bytes.
    """
    encoded = [field.encode("utf-8") for field in fields]
    return b"".join(struct.pack(">I", len(part)) + part for part in encoded)


def sign_fields(key: bytes, key_id: str, fields: Sequence[str]) -> str:
    """Return the signature `1.KEYID.MAC` of length-prefixed fields.

    A site's back end makes the same.
    """
    return f"1.{key_id}.{b64(mac(key, length_prefixed(fields)))}"


def split_signature(signature: str) -> tuple[str, bytes]:
    """Return the key id and the MAC of a signature `1.KEYID.MAC`.

    Raises:
        BadToken: the text has another form.
    """
    parts = signature.split(".")
    if len(parts) != 3 or parts[0] != "1" or not parts[1]:
        raise BadToken("a signature reads 1.KEYID.MAC")
    signature_mac = unb64(parts[2])
    if len(signature_mac) != KEY_BYTES:
        raise BadToken("the MAC of a signature has 32 bytes")
    return parts[1], signature_mac
