"""Signatures with the signing secret, `tfs_KEYID_KEY`, without calls to the server.

The signed bytes are texts, each as its length in four bytes (big-endian) and its UTF-8, so no two lists have the same
bytes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import struct
import time

#: The server rejects agent tokens with a longer lifetime.
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
    """Return the attributes `visitor`, `signature` and `expires` of the tag, or of the `detail` of `tilfreds:end`.

    `expires` is in Unix seconds, by default an hour from now, and a text in the result, as an attribute has to be.
    Without `kind` and `subject` the signature verifies the visitor, and all conversations that were created for them.
    A person with `role="staff"` is never asked.
    """
    end = str(int(time.time()) + 3600 if expires is None else expires)
    key_id, key = _parse_secret(secret)
    mac = _mac(key, ["1", "visitor", site_key, kind, subject, visitor, role, end])
    return {"visitor": visitor, "signature": f"1.{key_id}.{mac}", "expires": end}


def agent_token(
    secret: str,
    site_key: str,
    agent: str,
    *,
    conversation: str = "",
    issued: int | None = None,
    expires: int | None = None,
) -> str:
    """Return a token for `<tilfreds-ratings>` in a helpdesk's page, for the agent who is signed in there.

    It opens `conversation`, or by default all conversations in which the agent wrote. `issued` and `expires` are in
    Unix seconds, by default now and 15 minutes later, which is the maximum.

    Raises:
        ValueError: `expires` is not within 15 minutes after `issued`, or the secret is malformed.
    """
    start = int(time.time()) if issued is None else issued
    end = start + MAX_AGENT_TOKEN_SECONDS if expires is None else expires
    if not 0 < end - start <= MAX_AGENT_TOKEN_SECONDS:
        raise ValueError(
            "An agent token is valid for at most 15 minutes; set `expires` at most 900 seconds after `issued`."
        )
    key_id, key = _parse_secret(secret)
    claims = {"site": site_key, "agent": agent, "conversation": conversation, "issued": start, "expires": end}
    mac = _mac(key, ["1", "agent", *(str(claim) for claim in claims.values())])
    body = json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode()
    return f"tfa_{_base64url(body)}.1.{key_id}.{mac}"


def _parse_secret(secret: str) -> tuple[str, bytes]:
    """Return the key's id and its bytes."""
    try:
        prefix, key_id, key = secret.split("_", 2)
        if prefix != "tfs":
            raise ValueError(prefix)
        return key_id, base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
    except ValueError as error:
        raise ValueError(
            "Signing secret must have the form tfs_KEYID_KEY; use the one shown when the site was created."
        ) from error


def _mac(key: bytes, fields: list[str]) -> str:
    texts = [field.encode() for field in fields]
    message = b"".join(struct.pack(">I", len(text)) + text for text in texts)
    return _base64url(hmac.digest(key, message, hashlib.sha256))


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
