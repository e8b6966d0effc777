"""The commands that give the server's owner access: a sign-in link, an operator token."""

from datetime import timedelta

import click

from ..accounts.sign_in import LINK_LIFETIME, link_address
from ..core import clock, tokens
from .settings import settings

OPERATOR_TOKEN_LIFE = timedelta(minutes=15)


@click.group()
def owner() -> None:
    """Sign in to the console."""


@owner.command()
def link() -> None:
    """Print a link that signs in to the console once, within 15 minutes."""
    config = settings().with_secrets()
    click.echo(link_address(config.base_url, config.secret_keys, clock.now()))
    minutes = LINK_LIFETIME // timedelta(minutes=1)
    click.echo(f"Opens the console once, within {minutes} minutes.", err=True)


@click.command()
def operator_token() -> None:
    """Print a token for server-level calls of the API, valid for 15 minutes."""
    config = settings().with_secrets()
    expires = clock.now() + OPERATOR_TOKEN_LIFE
    click.echo(tokens.sign(config.secret_keys, "tfo", "operator", {}, expires))
