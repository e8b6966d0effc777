"""Tilfreds from a site's back end: all that the shop knows of it, in one file and with Python's own library alone.

Copy it as it stands: an API key and an address are all it needs.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import struct
import time
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen


class Tilfreds:
    """The REST API under an API key. A refusal is an `urllib.error.HTTPError`, an unreachable server an `OSError`."""

    def __init__(self, address: str, api_key: str, timeout: float = 5) -> None:
        self.address = f"{address}/api/v1"
        self.api_key = api_key
        self.timeout = timeout

    def put_agent(self, agent: str, **facts: Any) -> None:
        """Make somebody who answers known, or tell more about them."""
        self._call("PUT", f"/agents/{quote(agent, safe='')}", facts)

    def put_conversation(self, conversation: str, **facts: Any) -> None:
        """Make a conversation known, or tell more about it."""
        self._call("PUT", f"/conversations/{quote(conversation, safe='')}", facts)

    def add_messages(self, conversation: str, messages: list[dict[str, Any]]) -> None:
        """Hand over what was written; sending a message twice does no harm, its `external_id` is known."""
        self._call("POST", f"/conversations/{quote(conversation, safe='')}/messages", {"messages": messages})

    def end(self, conversation: str, **facts: Any) -> dict[str, Any]:
        """Say that the chat ended; the answer tells whether the visitor is asked, or why not."""
        return self._call("POST", f"/conversations/{quote(conversation, safe='')}/end", facts)

    def ledger(self, conversation: str) -> list[dict[str, Any]]:
        """Every asking of this conversation, and every decision not to ask with its reason."""
        invitations: list[dict[str, Any]] = self._call(
            "GET", f"/conversations/{quote(conversation, safe='')}/invitations"
        )["invitations"]
        return invitations

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        request = Request(  # noqa: S310 -- the address is the site owner's own setting
            self.address + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.api_key}", "Content-Type": "application/json"},
        )
        with urlopen(request, timeout=self.timeout) as answer:  # noqa: S310 -- as above
            response_body: dict[str, Any] = json.loads(answer.read() or b"{}")
            return response_body


def sign(
    secret: str,
    site_key: str,
    *,
    visitor: str,
    kind: str = "",
    subject: str = "",
    role: str = "visitor",
    seconds: int = 3600,
) -> dict[str, Any]:
    """What a page hands to Tilfreds when the back end knows who its visitor is: visitor, signature, expires.

    An empty kind and subject prove the visitor, and with them every conversation that the back end made for them.
    """
    _, key_id, key = secret.split("_", 2)
    expires = int(time.time()) + seconds
    fields = ("1", "visitor", site_key, kind, subject, visitor, role, str(expires))
    signed = b"".join(struct.pack(">I", len(part)) + part for part in (field.encode() for field in fields))
    mac = hmac.new(base64.urlsafe_b64decode(key + "="), signed, hashlib.sha256).digest()
    return {
        "visitor": visitor,
        "signature": f"1.{key_id}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}",
        "expires": expires,
    }
