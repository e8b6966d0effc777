"""The commands that create, configure and remove sites."""

import json
from collections.abc import Sequence
from typing import Any

import click
from flask import current_app
from sqlalchemy import select

from ..accounts import audit
from ..accounts.actors import command_actor
from ..accounts.scopes import DEFAULT_SCOPES
from ..accounts.service import create_api_key
from ..api.sites.views import site_out
from ..core.errors import CommandError, DomainError
from ..settings.schemas import SiteChanges
from ..settings.service import change_settings, lock_site
from ..sites.models import Site
from ..sites.queries import signing_secrets_of
from ..sites.removal import RESTORE_DAYS, find_removed_site, remove_site, restore_site
from ..sites.revocation import revoke_access
from ..sites.service import AGENTS_SEE, CREDIT, create_site
from ..sites.signing_secrets import add_signing_secret, retire_signing_secret
from ..storage.db import db
from ..surveys.first_surveys import create_first_surveys
from ..surveys.models import PLACEMENTS
from ..web.schema_loading import load_fields
from ..web.strict_json import parse_json
from .context import API_KEY, reading, require_site, writing


@click.group()
def site() -> None:
    """Manage sites."""


@site.command(name="create")
@click.argument("name")
@click.option(
    "--origin", "origins", multiple=True, help="Origin of its pages, such as https://shop.example; repeatable."
)
@click.option("--language", "languages", multiple=True, default=("en",), help="Repeatable; the first is the default.")
@click.option("--time-zone", default="UTC", show_default=True, help="IANA time zone in which days are counted.")
def create(name: str, origins: Sequence[str], languages: Sequence[str], time_zone: str) -> None:
    """Create a site with a survey for chats and one for articles, and print its tag and secrets once."""
    fields: dict[str, Any] = {"name": name, "allowed_origins": origins, "languages": languages, "time_zone": time_zone}
    with writing("POST /sites", {**fields, "surveys": PLACEMENTS}) as config:
        site, signing_secret = create_site(config.secret_keys, **fields)
        create_first_surveys(site)
        _, api_key = create_api_key(site.id, "first key", list(DEFAULT_SCOPES), created_by=command_actor().name)
        _record(site, "site.created", name=site.name)
        db.session.commit()
        click.echo(f"Site key        {site.key}")
        click.echo(f"API key         {api_key}")
        click.echo(f"Signing secret  {signing_secret}")
        click.echo(f"Paste           {config.tag(site.key)}")
        click.echo("where it ends   <tilfreds-rating></tilfreds-rating>")
        click.echo("Read on         docs/guides/placement.md (articles and other places), docs/guides/chats.md (chats)")


@site.command(name="list")
def list_sites() -> None:
    """List all sites with their keys."""
    with reading():
        for site in db.session.scalars(select(Site).order_by(Site.created_at)):
            status = "" if site.removed_at is None else "  (removed)"
            click.echo(f"{site.key}  {site.name}{status}")


@site.command()
@click.argument("site_key")
def show(site_key: str) -> None:
    """Print the settings of the site SITE_KEY and the ids of its signing secrets, as JSON."""
    with reading():
        site = require_site(site_key)
        secrets = {secret.key_id: secret.retired_at for secret in signing_secrets_of(site)}
        details = {**site_out(site), "signing_secrets": secrets}
        click.echo(json.dumps(details, indent=2, ensure_ascii=False, default=str))


@site.command()
@click.argument("site_key")
@click.argument("placement")
def place(site_key: str, placement: str) -> None:
    """Set where the faces of the site SITE_KEY appear automatically.

    PLACEMENT is JSON, such as {"layout": "furo"}; {} turns automatic placement off.
    """
    changes = load_fields(SiteChanges(), {"placement": parse_json(placement.encode())})
    with writing("PATCH /site", changes, API_KEY):
        _change(site_key, **changes)
        db.session.commit()
        click.echo(json.dumps(changes["placement"]))


@site.command()
@click.argument("site_key")
@click.option("--retire", metavar="KEY_ID", help="Retire this secret: its signatures become invalid.")
def secret(site_key: str, retire: str | None) -> None:
    """Create another signing secret for the site SITE_KEY and print it once. Older ones stay valid until retired."""
    path = f"/sites/{site_key}/signing-secrets"
    call, body = (f"PATCH {path}/{retire}", {"retired": True}) if retire else (f"POST {path}", {})
    with writing(call, body):
        site = require_site(site_key)
        if retire:
            retire_signing_secret(site, retire)
            _record(site, "signing_secret.retired", signing_secret=retire)
            output = f"Retired {retire}."
        else:
            output = add_signing_secret(site, current_app.config["SECRET_KEYS"])
            _record(site, "signing_secret.created")
        db.session.commit()
        click.echo(output)


@site.command()
@click.argument("site_key")
@click.argument("adapter_options", nargs=-1, metavar="[NAME[=OPTIONS]]...")
@click.option("--none", is_flag=True, help="Remove all adapters.")
def adapters(site_key: str, adapter_options: Sequence[str], none: bool) -> None:
    """Set the chats of other vendors that the pages of the site SITE_KEY listen to, replacing the current ones.

    NAME is an adapter of docs/guides/chats.md, OPTIONS a JSON object: crisp 'rocketchat={"field": "tilfreds"}'.
    """
    if none == bool(adapter_options):
        raise CommandError("Give the adapters, for example `crisp`, or --none to remove all.")
    try:
        changes = load_fields(SiteChanges(), {"adapters": dict(map(_parse_adapter, adapter_options))})
    except DomainError as error:
        raise CommandError(
            f"{(error.pointer or '').removeprefix('/adapters/') or 'OPTIONS'}: {error.detail}"
        ) from error
    with writing("PATCH /site", changes, API_KEY):
        _change(site_key, **changes)
        db.session.commit()
        names = ", ".join(changes["adapters"]) or "none"
        click.echo(f"Adapters: {names}. Pages pick up the change within five minutes.")


def _parse_adapter(text: str) -> tuple[str, Any]:
    name, _, options = text.partition("=")
    return name, parse_json(options.encode()) if options else {}


@site.command()
@click.argument("site_key")
@click.argument("origins", nargs=-1, metavar="[ORIGIN]...")
@click.option("--none", is_flag=True, help="Remove all origins.")
def helpdesk(site_key: str, origins: Sequence[str], none: bool) -> None:
    """Set the origins that may frame the ratings of the site SITE_KEY, replacing the current ones.

    ORIGIN is the origin of your helpdesk's pages, such as https://desk.example.
    """
    if none == bool(origins):
        raise CommandError("Give the origins, for example https://desk.example, or --none to remove all.")
    changes = load_fields(SiteChanges(), {"agent_origins": list(origins)})
    with writing("PATCH /site", changes, API_KEY):
        agent_origins = _change(site_key, **changes).agent_origins
        db.session.commit()
        click.echo("\n".join(agent_origins) or "No page may frame the ratings.")


@site.command()
@click.argument("site_key")
@click.argument("rule", type=click.Choice(CREDIT))
def credit(site_key: str, rule: str) -> None:
    """Set which agents are credited with the ratings of the site SITE_KEY, for new invitations.

    All agents of the segment share the credit, or the agent who closed it or wrote last has it alone.
    """
    with writing("PATCH /site", {"credit": rule}, API_KEY):
        _change(site_key, credit=rule)
        db.session.commit()
        click.echo(f"Credit: {rule}. Earlier invitations keep their credit.")


@site.command()
@click.argument("site_key")
@click.argument("whose", type=click.Choice(AGENTS_SEE))
@click.option("--after-days", type=click.IntRange(0, 365), default=0, help="Days after the end of the segment.")
def visibility(site_key: str, whose: str, after_days: int) -> None:
    """Set which ratings agents of the site SITE_KEY see: only theirs, their team's, all, or none."""
    changes = {"agents_see": whose, "agents_see_after_days": after_days}
    with writing("PATCH /site", changes, API_KEY):
        _change(site_key, **changes)
        db.session.commit()
        click.echo(f"Visible to agents: {whose}{f', after {after_days} days' if after_days else ''}.")


@site.command()
@click.argument("site_key")
@click.confirmation_option(prompt="All its keys, secrets, tokens and streams end at once. Revoke them?")
def revoke(site_key: str) -> None:
    """Revoke everything that opens the site SITE_KEY, after a leak, and print a new signing secret and API key."""
    with writing(f"POST /sites/{site_key}/revoke", {}) as config:
        secrets = revoke_access(require_site(site_key), config.secret_keys, command_actor())
        db.session.commit()
        click.echo(f"Signing secret: {secrets.signing_secret}\nAPI key:        {secrets.api_key}")


@site.command()
@click.argument("site_key")
@click.confirmation_option(prompt="Its pages will show no more surveys. Remove the site?")
def remove(site_key: str) -> None:
    """Remove the site SITE_KEY: it accepts no more votes. Votes stay; after seven days, screenshots are deleted."""
    with writing(f"DELETE /sites/{site_key}", {}):
        site = require_site(site_key)
        remove_site(site)
        _record(site, "site.removed")
        db.session.commit()
        click.echo(f"Removed. `tilfreds site restore` takes it back for {RESTORE_DAYS} days.")


@site.command()
@click.argument("site_key")
def restore(site_key: str) -> None:
    """Restore the site SITE_KEY, which was removed within the last seven days."""
    with writing(f"POST /sites/{site_key}/restore", {}):
        site = find_removed_site(site_key)
        restore_site(site)
        _record(site, "site.restored")
        db.session.commit()
        click.echo("Restored. Its tag and its keys work again.")


def _change(site_key: str, **changes: Any) -> Site:
    """Change settings of a site, record what changed, and return the site."""
    site = lock_site(require_site(site_key))
    change_settings(site, changes, command_actor())
    return site


def _record(site: Site, action: audit.Action, **detail: Any) -> None:
    audit.record(site.id, actor=command_actor(), action=action, target=f"site {site.key}", detail=detail)
