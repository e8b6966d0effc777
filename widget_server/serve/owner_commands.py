"""The commands of whoever owns the server: sign in, make sites and keys, check the counts."""

import json
import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import click
from sqlalchemy import Connection, select

from .. import clock, create_app, tokens
from ..accounts import audit
from ..accounts.service import SCOPES, create_api_key
from ..accounts.sign_in import LINK_LIFE, make_link_token
from ..api.sites import SURVEY_NAMES
from ..config import Config
from ..db import db
from ..ratings import recount
from ..sites.models import Site
from ..sites.service import create_site, find_by_key
from ..surveys.models import PLACEMENTS
from ..surveys.service import create_survey
from . import database, locks, secret_file
from .refusals import Refused

OPERATOR_TOKEN_LIFE = timedelta(minutes=15)
#: How the printed call proves itself: as the operator, or by a key of the site.
OPERATOR, API_KEY = "$(tilfreds operator-token)", "$API_KEY"


def settings() -> Config:
    return Config.from_environ(os.environ)


@contextmanager
def reading() -> Iterator[None]:
    """The application's context for a command that only reads: a running server is not in its way."""
    app = create_app(settings(), role="live")
    try:
        with app.app_context():
            yield
    finally:
        app.extensions["tilfreds_engines"].dispose()


@contextmanager
def writing(call: str, body: dict[str, Any], bearer: str = OPERATOR) -> Iterator[Config]:
    """The application's context, alone with the database. While a server runs, the call that does the same is named."""
    config = settings()
    try:
        with locks.writing(config):
            secret_file.ensure(config)
            config = config.with_secrets()
            database.migrate(config)
            app = create_app(config)
            try:
                with app.app_context():
                    yield config
            finally:
                app.extensions["tilfreds_engines"].dispose()
    except locks.DatabaseHeld as held:
        raise Refused(
            f"{held}\nThe running server does the same for this call:\n\n{as_curl(config, call, body, bearer)}"
        ) from held


def as_curl(config: Config, call: str, body: dict[str, Any], bearer: str = OPERATOR) -> str:
    method, path = call.split(" ")
    data = shlex.quote(json.dumps(body, ensure_ascii=False))
    return (
        f"curl -X {method} {config.base_url}/api/v1{path} -H 'Content-Type: application/json' \\\n"
        f'  -H "Authorization: Bearer {bearer}" -d {data}'
    )


@click.group()
def owner() -> None:
    """Signing in to the console."""


@owner.command()
def link() -> None:
    """Print a link that signs in once; it lives for 15 minutes. Nothing is written."""
    config = settings().with_secrets()
    token = make_link_token(config.secret_keys, clock.now())
    click.echo(f"{config.base_url}/console/sign-in/{token}")
    minutes = LINK_LIFE // timedelta(minutes=1)
    click.echo(f"Opens the console once, within {minutes} minutes.", err=True)


@click.command()
def operator_token() -> None:
    """Print a token for the API's server-level calls; it lives for 15 minutes. Nothing is written."""
    config = settings().with_secrets()
    expires = clock.now() + OPERATOR_TOKEN_LIFE
    click.echo(tokens.sign(config.secret_keys, "tfo", "operator", {}, expires))


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
            state = "" if found.removed_at is None else "  (removed)"
            click.echo(f"{found.key}  {found.name}{state}")


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
            raise Refused(f"There is no site with the key {site_key}; `tilfreds site list` names them.")
        _, text = create_api_key(found.id, name, list(scopes))
        db.session.commit()
        click.echo(text)


def snapshot(config: Config) -> Connection:
    """A connection that sees one moment, while votes go on arriving."""
    connection = db.engines["read"].connect()
    return connection if config.is_sqlite else connection.execution_options(isolation_level="REPEATABLE READ")


@click.command()
@click.option("--mend", is_flag=True, help="Replace wrong counts by what the rows say; only while no server runs.")
def check(mend: bool) -> None:
    """Count all votes anew and compare with the kept counts; look whether the log of decisions is whole.

    The status is 1 when something is wrong."""
    config = settings()
    with reading(), snapshot(config) as connection:
        wrong = recount.differences(connection)
        broken = list(audit.broken(connection))
    for table, where, kept, right in wrong:
        click.echo(f"{table} {' '.join(map(str, where))}: kept {kept}, counted {right}")
    click.echo(f"{len(wrong)} of the kept counts are wrong." if wrong else "Every kept count is right.")
    for site_id, number in broken:
        click.echo(f"audit_entry {site_id} {number}: not what was written, or not what follows the one before")
    if wrong and mend:
        with locks.writing(config), create_app(config).app_context(), db.engine.begin() as connection:
            recount.mend(connection)
        click.echo("They were replaced.")
        wrong = []
    if wrong or broken:
        raise click.exceptions.Exit(1)


COMMANDS = (owner, operator_token, site, key, check)
