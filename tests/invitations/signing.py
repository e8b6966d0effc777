"""Signatures of a site's back end, written only from the documented form, so that they can disagree with ours."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from typing import Any

from ..factories import MadeSite


def encoded(*fields: str) -> bytes:
    """Return each field as a 4-byte big-endian length and its UTF-8."""
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
    """Return `1.KEYID.MAC` with the signing secret of the site."""
    _, key_id, text = site.signing_secret.split("_", 2)
    key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    fields = encoded("1", purpose, site_key or site.key, kind, subject, visitor, role, str(expires))
    mac = hmac.new(key, fields, hashlib.sha256).digest()
    return f"1.{key_id}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def signed(site: MadeSite, expires: int, visitor: str = "", **fields: str) -> dict[str, Any]:
    """Return the fields of a signed request: visitor, signature and expires."""
    signature = sign(site, expires=expires, visitor=visitor, **fields)
    return {**({"visitor": visitor} if visitor else {}), "signature": signature, "expires": expires}
