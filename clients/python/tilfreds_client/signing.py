"""What a back end signs with its signing secret, `tfs_KEYID_KEY`. Nothing of it asks the server.

Signed are texts, each as its length in four bytes (big-endian) and its UTF-8, so that no two lists of texts look alike.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import struct
import time

#: Seconds; the server takes no agent token that lives longer.
MAX_AGENT_TOKEN_SECONDS = 15 * 60


def sign(
    secret: str,
    site_key: str,
    visitor: str,
    *,
    expires: int | None = None,
    kind: str = "",
    subject: str = "",
    role: str = "visitor",
) -> dict[str, str]:
    """The attributes `visitor`, `signature` and `expires` of the tag, or of the `detail` of `tilfreds:end`.

    `expires` is in Unix seconds; left out, it is an hour from now. Without `kind` and `subject` the signature proves
    the visitor, and so every conversation that was made for them. `role="staff"` says that this person is never asked.
    """
    ends = str(int(time.time()) + 3600 if expires is None else expires)
    key_id, key = _parts(secret)
    mac = _mac(key, ["1", "visitor", site_key, kind, subject, visitor, role, ends])
    return {"visitor": visitor, "signature": f"1.{key_id}.{mac}", "expires": ends}


def agent_token(
    secret: str,
    site_key: str,
    agent: str,
    *,
    conversation: str = "",
    issued: int | None = None,
    expires: int | None = None,
) -> str:
    """A token for `<tilfreds-ratings>` in a helpdesk's page, made for the agent who is signed in there.

    It opens `conversation`, or all in which the agent wrote. Moments are in Unix seconds; left out, it lives from now
    on for 15 minutes, which is the most. `ValueError` for a longer life.
    """
    begins = int(time.time()) if issued is None else issued
    ends = begins + MAX_AGENT_TOKEN_SECONDS if expires is None else expires
    if not 0 < ends - begins <= MAX_AGENT_TOKEN_SECONDS:
        raise ValueError("An agent token lives for 15 minutes at most: set `expires` that far after `issued`.")
    key_id, key = _parts(secret)
    claims = {"site": site_key, "agent": agent, "conversation": conversation, "issued": begins, "expires": ends}
    mac = _mac(key, ["1", "agent", *(str(claim) for claim in claims.values())])
    body = json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode()
    return f"tfa_{_base64url(body)}.1.{key_id}.{mac}"


def _parts(secret: str) -> tuple[str, bytes]:
    """The id of the key, and the key."""
    try:
        prefix, key_id, key = secret.split("_", 2)
        if prefix != "tfs":
            raise ValueError(prefix)
        return key_id, base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
    except ValueError as error:
        raise ValueError("This is no signing secret: it reads tfs_KEYID_KEY, and was shown when made.") from error


def _mac(key: bytes, fields: list[str]) -> str:
    encoded = [field.encode() for field in fields]
    signed = b"".join(struct.pack(">I", len(part)) + part for part in encoded)
    return _base64url(hmac.digest(key, signed, hashlib.sha256))


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
