"""The commands for sites: making them, their settings and their secrets."""

import json
from collections.abc import Sequence
from typing import Any

import click
from flask import current_app
from sqlalchemy import select

from ..accounts.service import SCOPES, create_api_key
from ..api.sites.schemas import SiteChanges
from ..api.sites.views import SURVEY_NAMES, site_out
from ..core.errors import CommandError, DomainError
from ..privacy.erasure import remove_site
from ..sites.models import Site
from ..sites.queries import signing_secrets_of
from ..sites.service import AGENTS_SEE, CREDIT, change_site, create_site
from ..sites.signing_secrets import add_signing_secret, retire_signing_secret
from ..storage.db import db
from ..surveys.models import PLACEMENTS
from ..surveys.service import create_survey
from ..web.schema_loading import load_fields
from ..web.strict_json import parse_json
from .context import API_KEY, reading, site_named, writing


@click.group()
def site() -> None:
    """Sites: whose pages are asked."""


@site.command(name="create")
@click.argument("name")
@click.option(
    "--origin", "origins", multiple=True, help="Where its pages are, such as https://shop.example; repeatable."
)
@click.option("--language", "languages", multiple=True, default=("en",), help="The first is the default; repeatable.")
@click.option("--time-zone", default="UTC", show_default=True, help="An IANA name; days are counted there.")
def create(name: str, origins: Sequence[str], languages: Sequence[str], time_zone: str) -> None:
    """Make a site with a survey for chats and one for articles; print its tag and its secrets, which are shown once."""
    wanted: dict[str, Any] = {"name": name, "allowed_origins": origins, "languages": languages, "time_zone": time_zone}
    with writing("POST /sites", {**wanted, "surveys": PLACEMENTS}) as config:
        made, signing_secret = create_site(config.secret_keys, **wanted)
        for placement in PLACEMENTS:
            create_survey(made, name=SURVEY_NAMES[placement], placement=placement)
        _, api_key = create_api_key(made.id, "first key", list(SCOPES))
        db.session.commit()
        click.echo(f"Site key        {made.key}")
        click.echo(f"API key         {api_key}")
        click.echo(f"Signing secret  {signing_secret}")
        click.echo(f"Paste           {config.tag(made.key)}")


@site.command(name="list")
def list_sites() -> None:
    """Name every site with its key."""
    with reading():
        for found in db.session.scalars(select(Site).order_by(Site.created_at)):
            status = "" if found.removed_at is None else "  (removed)"
            click.echo(f"{found.key}  {found.name}{status}")


@site.command()
@click.argument("site_key")
def show(site_key: str) -> None:
    """Print the settings of the site SITE_KEY and the ids of its signing secrets, as JSON."""
    with reading():
        found = site_named(site_key)
        secrets = {secret.key_id: secret.retired_at for secret in signing_secrets_of(found)}
        shown = {**site_out(found), "signing_secrets": secrets}
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False, default=str))


@site.command()
@click.argument("site_key")
@click.argument("placement")
def place(site_key: str, placement: str) -> None:
    """Say where the faces of the site SITE_KEY stand by themselves. PLACEMENT is JSON such as {"layout": "furo"}; {} is
    nowhere.
    """
    changes = load_fields(SiteChanges(), {"placement": parse_json(placement.encode())})
    with writing("PATCH /site", changes, API_KEY):
        change_site(site_named(site_key), **changes)
        db.session.commit()
        click.echo(json.dumps(changes["placement"]))


@site.command()
@click.argument("site_key")
@click.option("--retire", metavar="KEY_ID", help="Refuse from now on what this older secret signed.")
def secret(site_key: str, retire: str | None) -> None:
    """Make a further signing secret for the site SITE_KEY; it is shown once. Older ones stay good until retired."""
    path = f"/sites/{site_key}/signing-secrets"
    call, body = (f"PATCH {path}/{retire}", {"retired": True}) if retire else (f"POST {path}", {})
    with writing(call, body):
        found = site_named(site_key)
        if retire:
            retire_signing_secret(found, retire)
            made = f"{retire} is retired."
        else:
            made = add_signing_secret(found, current_app.config["SECRET_KEYS"])
        db.session.commit()
        click.echo(made)


@site.command()
@click.argument("site_key")
@click.argument("wanted", nargs=-1, metavar="[NAME[=OPTIONS]]...")
@click.option("--none", is_flag=True, help="Listen to no chat made by others.")
def adapters(site_key: str, wanted: Sequence[str], none: bool) -> None:
    """Set which chats made by others the pages of the site SITE_KEY listen to, in place of those before.

    NAME is an adapter of docs/guides/chats.md, OPTIONS a JSON object: crisp 'rocketchat={"field": "tilfreds"}'.
    """
    if none == bool(wanted):
        raise CommandError("Name the adapters, such as `crisp`; or --none for no adapter at all.")
    try:
        changes = load_fields(SiteChanges(), {"adapters": dict(map(_adapter, wanted))})
    except DomainError as error:
        raise CommandError(
            f"{(error.pointer or '').removeprefix('/adapters/') or 'OPTIONS'}: {error.detail}"
        ) from error
    with writing("PATCH /site", changes, API_KEY):
        change_site(site_named(site_key), **changes)
        db.session.commit()
        click.echo(f"{', '.join(changes['adapters']) or 'No adapter'}. The pages follow within five minutes.")


def _adapter(word: str) -> tuple[str, Any]:
    name, _, options = word.partition("=")
    return name, parse_json(options.encode()) if options else {}


@site.command()
@click.argument("site_key")
@click.argument("origins", nargs=-1, metavar="[ORIGIN]...")
@click.option("--none", is_flag=True, help="Let no page frame them.")
def helpdesk(site_key: str, origins: Sequence[str], none: bool) -> None:
    """Set whose pages may hold the ratings of the site SITE_KEY in a frame, in place of those before.

    ORIGIN is that of a page of your helpdesk: https://desk.example.
    """
    if none == bool(origins):
        raise CommandError("Name the origins, such as https://desk.example; or --none for no page at all.")
    changes = load_fields(SiteChanges(), {"agent_origins": list(origins)})
    with writing("PATCH /site", changes, API_KEY):
        named = change_site(site_named(site_key), **changes).agent_origins
        db.session.commit()
        click.echo("\n".join(named) or "No page may frame them.")


@site.command()
@click.argument("site_key")
@click.argument("rule", type=click.Choice(CREDIT))
def credit(site_key: str, rule: str) -> None:
    """Set who is credited with the answers of the site SITE_KEY, of those who are asked from now on.

    All agents of the part share, the closer alone has it, or the last to write.
    """
    with writing("PATCH /site", {"credit": rule}, API_KEY):
        change_site(site_named(site_key), credit=rule)
        db.session.commit()
        click.echo(f"{rule}. What was asked before stays as it is.")


@site.command()
@click.argument("site_key")
@click.argument("whose", type=click.Choice(AGENTS_SEE))
@click.option("--after-days", type=click.IntRange(0, 365), default=0, help="Days after the end of the part.")
def visibility(site_key: str, whose: str, after_days: int) -> None:
    """Set whose ratings the agents' tokens of the site SITE_KEY open: their own, their team's, all, or none."""
    changes = {"agents_see": whose, "agents_see_after_days": after_days}
    with writing("PATCH /site", changes, API_KEY):
        change_site(site_named(site_key), **changes)
        db.session.commit()
        click.echo(f"{whose}{f', after {after_days} days' if after_days else ''}.")


@site.command()
@click.argument("site_key")
@click.confirmation_option(prompt="Its pages will ask nobody any more. Remove it?")
def remove(site_key: str) -> None:
    """Remove the site SITE_KEY: its file is served empty, nothing is accepted. Votes stay, screenshots go."""
    with writing(f"DELETE /sites/{site_key}", {}):
        remove_site(site_named(site_key))
        db.session.commit()
        click.echo("Removed. Take the tag out of the pages when it suits.")
