"""The client of the server's API for its operator: users, teams, keys and the audit log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, cast
from urllib.parse import quote

from .transport import Transport

Document = dict[str, Any]


class Operator:
    """A client with an operator token (`tilfreds operator-token`). Threads may share it.

    A call is tried once, because a repeated call would create another link or key. Calls raise `Refused` if the server
    rejects them, and `Unreachable` without a response.
    """

    def __init__(self, base_url: str, operator_token: str, *, timeout: float = 10.0) -> None:
        self._transport = Transport(base_url, operator_token, timeout, 1)

    def users(self) -> list[Document]:
        """Return all users with their memberships, by e-mail address."""
        return cast("list[Document]", self._transport.call("GET", "/users")["users"])

    def invite_user(
        self, email: str, role: str, *, name: str = "", site: str | None = None, agent: str | None = None
    ) -> Document:
        """Invite a user. `link` sets the password once, within seven days; send it if `mailed` is false."""
        body = {"email": email, "role": role, "name": name, "site": site, "agent": agent}
        return self._call("POST", "/users", body)

    def change_user(self, user: str, *, disabled: bool | None = None, may_create_sites: bool | None = None) -> Document:
        """Disable or enable a user, or let the user create sites. It ends the user's sessions."""
        fields = {"disabled": disabled, "may_create_sites": may_create_sites}
        changes = {name: value for name, value in fields.items() if value is not None}
        return self._call(
            "PATCH", f"/users/{user}", {name: value for name, value in changes.items() if value is not None}
        )

    def set_role(self, user: str, role: str | None, *, site: str | None = None, agent: str | None = None) -> Document:
        """Set the role of a user at a site, or at all sites; None removes it. It ends the user's sessions."""
        return self._call("PUT", f"/users/{user}/role", {"role": role, "site": site, "agent": agent})

    def password_link(self, user: str) -> Document:
        """Create a link that sets a new password once."""
        return self._call("POST", f"/users/{user}/links", {})

    def sessions(self, user: str) -> list[Document]:
        """Return the open sessions of a user, the last used first."""
        return cast("list[Document]", self._transport.call("GET", f"/users/{user}/sessions")["sessions"])

    def end_sessions(self, user: str) -> None:
        """End all sessions of a user."""
        self._transport.call("DELETE", f"/users/{user}/sessions")

    def teams(self) -> list[Document]:
        """Return all teams with their members and roles, by name."""
        return cast("list[Document]", self._transport.call("GET", "/teams")["teams"])

    def create_team(self, name: str) -> Document:
        """Create a team without members."""
        return self._call("POST", "/teams", {"name": name})

    def remove_team(self, team: str) -> None:
        """Remove a team; its members lose the roles that it gave them."""
        self._transport.call("DELETE", f"/teams/{team}")

    def add_member(self, team: str, user: str) -> Document:
        """Add a user to a team. It ends the user's sessions."""
        return self._call("PUT", f"/teams/{team}/members/{user}", {})

    def remove_member(self, team: str, user: str) -> Document:
        """Remove a user from a team. It ends the user's sessions."""
        return self._call("DELETE", f"/teams/{team}/members/{user}")

    def set_team_role(self, team: str, role: str | None, *, site: str | None = None) -> Document:
        """Set the role of a team at a site, or at all sites; None removes it. It ends its members' sessions."""
        return self._call("PUT", f"/teams/{team}/role", {"role": role, "site": site})

    def api_keys(self, site: str) -> list[Document]:
        """Return the API keys of a site, without their texts."""
        return cast("list[Document]", self._transport.call("GET", _keys_path(site))["api_keys"])

    def create_api_key(
        self, site: str, name: str, *, scopes: Sequence[str] | None = None, expires_at: datetime | None = None
    ) -> Document:
        """Create an API key of a site. `api_key` is its text, which is shown once. Default: all scopes but `audit`."""
        body: Document = {"name": name, "expires_at": expires_at.isoformat() if expires_at else None}
        return self._call("POST", _keys_path(site), body if scopes is None else {**body, "scopes": list(scopes)})

    def rotate_api_key(self, site: str, key: str, *, overlap_hours: int = 24) -> Document:
        """Replace an API key, which still works for some hours. `api_key` is the text of the new one."""
        return self._call("POST", f"{_keys_path(site)}/{key}/rotate", {"overlap_hours": overlap_hours})

    def revoke_api_key(self, site: str, key: str) -> None:
        """Revoke an API key."""
        self._transport.call("DELETE", f"{_keys_path(site)}/{key}")

    def signing_secrets(self, site: str) -> list[Document]:
        """Return the signing secrets of a site, without their texts, the newest last."""
        path = f"/sites/{quote(site, safe='')}/signing-secrets"
        return cast("list[Document]", self._transport.call("GET", path)["signing_secrets"])

    def audit(self, *, after: int = 0, **filters: Any) -> Iterator[Document]:
        """Yield the server's entries of the audit log after a number, the oldest first."""
        yield from entries_of(self._transport, "/audit/server", after, filters)

    def _call(self, method: str, path: str, body: Any = None) -> Document:
        return cast(Document, self._transport.call(method, path, body))


def entries_of(transport: Transport, path: str, after: int, filters: dict[str, Any]) -> Iterator[Document]:
    """Yield the entries of an audit log, page by page."""
    place: int | None = after
    while place is not None:
        page = transport.call("GET", path, query={**filters, "after": place})
        yield from page["entries"]
        place = page["next_after"]


def _keys_path(site: str) -> str:
    return f"/sites/{quote(site, safe='')}/api-keys"
