"""A client for Tilfreds in a site's back end: one file, standard library only.

To use it, copy the file; it needs only an API key and an address.
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
    """The REST API with an API key.

    Methods raise `urllib.error.HTTPError` if the server rejects a request, and `OSError` if it is unreachable.
    """

    def __init__(self, address: str, api_key: str, timeout: float = 5) -> None:
        self.address = f"{address}/api/v1"
        self.api_key = api_key
        self.timeout = timeout

    def put_agent(self, agent: str, **facts: Any) -> None:
        """Create an agent, or update the given facts."""
        self._call("PUT", f"/agents/{quote(agent, safe='')}", facts)

    def put_conversation(self, conversation: str, **facts: Any) -> None:
        """Create a conversation, or update the given facts."""
        self._call("PUT", f"/conversations/{quote(conversation, safe='')}", facts)

    def add_messages(self, conversation: str, messages: list[dict[str, Any]]) -> None:
        """Add messages. Messages sent twice are stored once, by their `external_id`."""
        self._call("POST", f"/conversations/{quote(conversation, safe='')}/messages", {"messages": messages})

    def end(self, conversation: str, **facts: Any) -> dict[str, Any]:
        """Report the end of a chat. The response says whether the visitor is asked, or why not."""
        return self._call("POST", f"/conversations/{quote(conversation, safe='')}/end", facts)

    def list_invitations(self, conversation: str) -> list[dict[str, Any]]:
        """Return all invitations of the conversation, including those not sent, with the reason."""
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
        with urlopen(request, timeout=self.timeout) as response:  # noqa: S310 -- as above
            response_body: dict[str, Any] = json.loads(response.read() or b"{}")
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
    """Sign a visitor's identity. Returns the fields `visitor`, `signature` and `expires` for the page.

    With an empty kind and subject the signature verifies the visitor for all their conversations of the back end.
    """
    _, key_id, key = secret.split("_", 2)
    expires = int(time.time()) + seconds
    fields = ("1", "visitor", site_key, kind, subject, visitor, role, str(expires))
    message = b"".join(struct.pack(">I", len(data)) + data for data in (field.encode() for field in fields))
    mac = hmac.new(base64.urlsafe_b64decode(key + "="), message, hashlib.sha256).digest()
    return {
        "visitor": visitor,
        "signature": f"1.{key_id}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}",
        "expires": expires,
    }
