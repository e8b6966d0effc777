"""The commands for the API keys of a site."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import click

from ..accounts import audit
from ..accounts.actors import command_actor
from ..accounts.api_keys import api_keys_of, revoke_api_key
from ..accounts.models import ApiKey
from ..accounts.scopes import DEFAULT_SCOPES, SCOPES, check_scopes
from ..accounts.service import create_api_key
from ..core import clock
from ..core.errors import CommandError
from ..sites.service import find_by_key
from ..storage.db import db
from .context import reading, require_site, writing


@click.group()
def key() -> None:
    """Manage the API keys of a site's back end."""


@key.command(name="create")
@click.argument("site_key")
@click.option("--name", default="made by command", show_default=True, help="What the key is for.")
@click.option(
    "--scope",
    "scope_names",
    multiple=True,
    type=click.Choice(SCOPES),
    default=DEFAULT_SCOPES,
    help="What it may do, repeatable; default: all but audit.",
)
@click.option("--days", type=click.IntRange(1, 3650), help="Days until it expires; default: never.")
def create_key(site_key: str, name: str, scope_names: Sequence[str], days: int | None) -> None:
    """Create an API key for the site SITE_KEY and print it; it is shown once."""
    expires_at = clock.now() + timedelta(days=days) if days else None
    scopes = check_scopes(scope_names)
    body = {"name": name, "scopes": scopes, "expires_at": expires_at.isoformat() if expires_at else None}
    with writing(f"POST /sites/{site_key}/api-keys", body):
        site = find_by_key(site_key)
        if site is None:
            raise CommandError(f"No site has the key {site_key}; run `tilfreds site list` to see all keys.")
        api_key, text = create_api_key(site.id, name, scopes, expires_at=expires_at, created_by=command_actor().name)
        audit.record(
            site.id, actor=command_actor(), action="api_key.created", target=f"API key {api_key.id}", detail=body
        )
        db.session.commit()
        click.echo(text)


@key.command(name="list")
@click.argument("site_key")
def list_keys(site_key: str) -> None:
    """List the API keys of the site SITE_KEY, without their secrets."""
    with reading():
        for api_key in api_keys_of(require_site(site_key).id):
            click.echo(f"{api_key.id}  {'+'.join(api_key.scopes):<10}  {api_key.name}{describe(api_key)}")


@key.command()
@click.argument("site_key")
@click.argument("key_id", type=click.UUID)
def revoke(site_key: str, key_id: UUID) -> None:
    """Revoke an API key of the site SITE_KEY; `tilfreds key list` shows the KEY_ID."""
    with writing(f"DELETE /sites/{site_key}/api-keys/{key_id}", {}):
        site = require_site(site_key)
        detail = {"name": revoke_api_key(site.id, key_id).name}
        audit.record(
            site.id, actor=command_actor(), action="api_key.revoked", target=f"API key {key_id}", detail=detail
        )
        db.session.commit()
        click.echo("Revoked.")


def describe(api_key: ApiKey) -> str:
    """Return who created a key, when it was last used, and whether it still opens the site."""
    parts = [f"by {api_key.created_by}"] if api_key.created_by else []
    parts.append(f"used {api_key.last_used_at:%Y-%m-%d}" if api_key.last_used_at else "never used")
    if api_key.revoked_at is not None:
        parts.append("revoked")
    elif api_key.expires_at is not None:
        parts.append(f"{'expired' if api_key.expires_at <= clock.now() else 'expires'} {api_key.expires_at:%Y-%m-%d}")
    return f"  ({', '.join(parts)})"
