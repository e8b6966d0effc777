"""The commands for the API keys of a site."""

from collections.abc import Sequence
from uuid import UUID

import click

from ..accounts.api_keys import api_keys_of, revoke_api_key
from ..accounts.service import SCOPES, create_api_key
from ..core.errors import CommandError
from ..sites.service import find_by_key
from ..storage.db import db
from .context import reading, site_named, writing


@click.group()
def key() -> None:
    """API keys of a site's back end."""


@key.command(name="create")
@click.argument("site_key")
@click.option("--name", default="made by command", show_default=True, help="What it is for.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), default=SCOPES, help="Repeatable.")
def create_key(site_key: str, name: str, scopes: Sequence[str]) -> None:
    """Make an API key for the site SITE_KEY; it is shown once."""
    body = {"name": name, "scopes": list(scopes)}
    with writing(f"POST /sites/{site_key}/api-keys", body):
        found = find_by_key(site_key)
        if found is None:
            raise CommandError(f"There is no site with the key {site_key}; `tilfreds site list` names them.")
        _, text = create_api_key(found.id, name, list(scopes))
        db.session.commit()
        click.echo(text)


@key.command(name="list")
@click.argument("site_key")
def list_keys(site_key: str) -> None:
    """Name the API keys of the site SITE_KEY, without their texts."""
    with reading():
        for found in api_keys_of(site_named(site_key).id):
            status = "" if found.revoked_at is None else "  (revoked)"
            click.echo(f"{found.id}  {'+'.join(found.scopes):<10}  {found.name}{status}")


@key.command()
@click.argument("site_key")
@click.argument("key_id", type=click.UUID)
def revoke(site_key: str, key_id: UUID) -> None:
    """Refuse an API key of the site SITE_KEY from now on; KEY_ID is what `tilfreds key list` shows."""
    with writing(f"DELETE /sites/{site_key}/api-keys/{key_id}", {}):
        revoke_api_key(site_named(site_key).id, key_id)
        db.session.commit()
        click.echo("Revoked.")
