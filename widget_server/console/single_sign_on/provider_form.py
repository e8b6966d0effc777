"""Read the provider of single sign-on that an owner enters."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from werkzeug.datastructures import MultiDict

from ...accounts.oidc.settings import DEFAULT_NAME, GroupRole, OidcSettings, is_safe_address
from ...accounts.roles import Role, to_role
from ...core.errors import Invalid
from ...core.marked_texts import marked
from ...core.text import has_controls
from ...sites.service import find_living_site

MAX_NAME_LENGTH = 60
MAX_LENGTH = 500
MAX_GROUP_ROLES = 200


def read_settings(form: MultiDict[str, str], stored: OidcSettings | None, present: OidcSettings | None) -> OidcSettings:
    """Return the settings of a form. An empty secret keeps the stored one, for the same issuer and client.

    The environment may name the provider; then only what its claims mean is read.

    Raises: Invalid: a field is missing or invalid.
    """
    settings = _read_meaning(form)
    if present is not None and present.is_trusted:
        base = stored or OidcSettings(DEFAULT_NAME, "", "")
        return replace(
            settings,
            name=base.name,
            issuer=base.issuer,
            client_id=base.client_id,
            client_secret=base.client_secret,
        )
    issuer, client_id = _read_line(form, "issuer"), _read_line(form, "client_id")
    if not is_safe_address(issuer) or "?" in issuer:
        raise Invalid(
            "Enter the issuer as an https address, for example https://login.shop.example.", pointer="/issuer"
        )
    if not client_id:
        raise Invalid("Enter the client ID.", pointer="/client_id")
    secret = _read_line(form, "client_secret")
    if not secret and stored is not None and (stored.issuer, stored.client_id) == (issuer, client_id):
        secret = stored.client_secret
    name = _read_line(form, "name")[:MAX_NAME_LENGTH] or DEFAULT_NAME
    return replace(settings, name=name, issuer=issuer, client_id=client_id, client_secret=secret)


def _read_meaning(form: MultiDict[str, str]) -> OidcSettings:
    """Return settings with the fields that say what claims mean."""
    return OidcSettings(
        "",
        "",
        "",
        groups_claim=_read_line(form, "groups_claim"),
        group_roles=_read_group_roles(form),
        links_by_email=form.get("links_by_email") == "yes",
        trusts_emails=form.get("trusts_emails") == "yes",
    )


def _read_group_roles(form: MultiDict[str, str]) -> tuple[GroupRole, ...]:
    """Return the rows with a group; an empty group removes its row."""
    columns = [form.getlist(name) for name in ("group", "group_role", "group_site")]
    if len({len(column) for column in columns}) > 1 or len(columns[0]) > MAX_GROUP_ROLES:
        raise Invalid(
            marked("Enter at most %(max_group_roles)s groups.", max_group_roles=MAX_GROUP_ROLES), pointer="/group"
        )
    rows = [
        GroupRole(_check_line(group, "group"), _read_role(role), _site_id(key))
        for group, role, key in zip(*columns, strict=True)
        if group.strip()
    ]
    if rows and not form.get("groups_claim", "").strip():
        raise Invalid("Enter the claim that lists the groups.", pointer="/groups_claim")
    return tuple(rows)


def _read_role(text: str) -> Role:
    try:
        return to_role(text)
    except ValueError as error:
        raise Invalid("Choose a role for each group.", pointer="/group_role") from error


def _site_id(key: str) -> UUID | None:
    return find_living_site(key).id if key else None


def _read_line(form: MultiDict[str, str], name: str) -> str:
    return _check_line(form.get(name, ""), name)


def _check_line(text: str, name: str) -> str:
    line = text.strip()
    if len(line) > MAX_LENGTH or has_controls(line):
        raise Invalid(
            marked("Enter at most %(max_length)s characters, without control characters.", max_length=MAX_LENGTH),
            pointer=f"/{name}",
        )
    return line
