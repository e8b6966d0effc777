"""The OpenID Connect provider of the server: from the environment, or as an owner entered it.

Flushes, never commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from ...core.config import Config
from ...core.hosts import is_loopback
from ...outbound.connections import Reach
from ...outbound.sealed_settings import load_setting, store_setting
from ..roles import Role, to_role

SETTING = "oidc"
DEFAULT_NAME = "Single sign-on"


@dataclass(frozen=True)
class GroupRole:
    """The role that the members of a group have at a site, or at all sites (None)."""

    group: str
    role: Role
    site_id: UUID | None


@dataclass(frozen=True)
class OidcSettings:
    """A provider, this server's registration with it, and what its claims mean here."""

    #: How the button of the sign-in page names it.
    name: str
    issuer: str
    client_id: str
    #: Empty for a public client, which proves itself by PKCE alone.
    client_secret: str = field(default="", repr=False)
    #: The claim that lists the groups of a person; empty if groups give no roles.
    groups_claim: str = ""
    group_roles: tuple[GroupRole, ...] = ()
    #: Whether a person with the verified e-mail address of an account signs in to it.
    links_by_email: bool = False
    #: Whether an address counts as verified if the provider does not say whether it is.
    trusts_emails: bool = False
    #: Whether the issuer is from the environment, and may therefore be internal.
    is_trusted: bool = False
    allowed_hosts: tuple[str, ...] = ()

    def reach_of(self, url: str) -> Reach:
        """Return how a request to an address of the provider is checked. Only the host of the issuer is trusted."""
        is_issuer = urlsplit(url).netloc == urlsplit(self.issuer).netloc
        return Reach(is_trusted=self.is_trusted and is_issuer, allowed_hosts=self.allowed_hosts)


#: What is not stored: where the settings are from.
ORIGIN_FIELDS = ("is_trusted", "allowed_hosts")


def find_settings(config: Config) -> OidcSettings | None:
    """Return the settings; None without a provider. The environment replaces the provider that the console names."""
    stored = stored_settings(config.secret_keys)
    if config.oidc_issuer:
        base = stored or OidcSettings(DEFAULT_NAME, "", "")
        return replace(
            base,
            name=config.oidc_name or base.name,
            issuer=config.oidc_issuer,
            client_id=config.oidc_client_id,
            client_secret=config.oidc_client_secret,
            is_trusted=True,
            allowed_hosts=config.allowed_internal_hosts,
        )
    return replace(stored, allowed_hosts=config.allowed_internal_hosts) if stored and stored.issuer else None


def stored_settings(secret_keys: Sequence[bytes]) -> OidcSettings | None:
    """Return the settings that were entered in the console; None if their secret key is lost."""
    values = load_setting(secret_keys, SETTING)
    if values is None:
        return None
    roles = (
        GroupRole(entry["group"], to_role(entry["role"]), UUID(entry["site_id"]) if entry["site_id"] else None)
        for entry in values["group_roles"]
    )
    return OidcSettings(**{**values, "group_roles": tuple(roles)})


def store_settings(secret_keys: Sequence[bytes], settings: OidcSettings | None, now: datetime) -> None:
    """Store the settings of the console, sealed; None removes them."""
    values = None
    if settings is not None:
        values = {name: value for name, value in asdict(settings).items() if name not in ORIGIN_FIELDS}
        for entry in values["group_roles"]:
            entry["site_id"] = entry["site_id"] and str(entry["site_id"])
    store_setting(secret_keys, SETTING, values, now)


def is_safe_address(url: str) -> bool:
    """Return whether an address of a provider is encrypted, or on this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None or parts.fragment or not url.isprintable() or " " in url:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
