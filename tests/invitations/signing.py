"""A site's back end that signs, written from the documented form alone, so that it can disagree with the product."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from typing import Any

from ..factories import MadeSite


def encoded(*fields: str) -> bytes:
    """Each field as a 4-byte big-endian length and its UTF-8."""
    return b"".join(struct.pack(">I", len(field.encode())) + field.encode() for field in fields)


def sign(
    site: MadeSite,
    *,
    expires: int,
    kind: str = "",
    subject: str = "",
    visitor: str = "",
    role: str = "visitor",
    purpose: str = "visitor",
    site_key: str = "",
) -> str:
    """`1.KEYID.MAC` under the secret that the site's owner was given."""
    _, key_id, text = site.signing_secret.split("_", 2)
    key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    fields = encoded("1", purpose, site_key or site.key, kind, subject, visitor, role, str(expires))
    mac = hmac.new(key, fields, hashlib.sha256).digest()
    return f"1.{key_id}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def signed(site: MadeSite, expires: int, visitor: str = "", **fields: str) -> dict[str, Any]:
    """What a page sends beside what it names: visitor, signature and expires."""
    signature = sign(site, expires=expires, visitor=visitor, **fields)
    return {**({"visitor": visitor} if visitor else {}), "signature": signature, "expires": expires}
