"""The commands that give out what was answered, and forget who answered."""

import sys
from datetime import datetime
from urllib.parse import quote

import click

from ..conversations.models import CHANNELS
from ..core.errors import CommandError
from ..inbox.vote_list import VoteFilter
from ..privacy.erasure import ERASED_FILE, erase_visitor, note_erased
from ..reports.exports import export_votes
from ..storage.db import db
from .context import API_KEY, reading, site_named, writing


@click.command()
@click.argument("site_key")
@click.argument("visitor")
@click.confirmation_option(prompt="This cannot be undone. Erase?")
def erase(site_key: str, visitor: str) -> None:
    """Forget VISITOR (the owner's id) of the site SITE_KEY; votes stay as anonymous counts."""
    with writing(f"POST /visitors/{quote(visitor, safe='')}/erase", {}, API_KEY) as config:
        site = site_named(site_key)
        count = erase_visitor(site, visitor)
        note_erased(config.data_dir / ERASED_FILE, site.id, visitor)
        db.session.commit()
        click.echo(f"Erased, with the words of {count} conversations.")


@click.group()
def export() -> None:
    """Giving out what was answered."""


@export.command()
@click.argument("site_key")
@click.option("--since", help="First pressed at this moment or later: 2026-03-01T00:00:00Z.")
@click.option("--until", help="First pressed before this moment.")
@click.option("--channel", type=click.Choice([*CHANNELS, "page"]))
@click.option("--kind", help="conversation, article, page or order.")
@click.option("--bom", is_flag=True, help="Begin with a byte order mark, for Excel.")
def votes(
    site_key: str, since: str | None, until: str | None, channel: str | None, kind: str | None, bom: bool
) -> None:
    """Write the votes of the site SITE_KEY as CSV, newest first. A running server is not in its way."""
    wanted = VoteFilter(since=moment("--since", since), until=moment("--until", until), channel=channel, kind=kind)
    # The CSV has its own line ends; what a terminal's encoding may be is no matter to a file.
    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
    with reading():
        count = export_votes(db.session(), site_named(site_key).id, wanted, sys.stdout, bom=bom)
    sys.stdout.flush()
    click.echo(f"{count} votes.", err=True)


def moment(option: str, text: str | None) -> datetime | None:
    """A moment with its offset from UTC."""
    if text is None:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{option} {text} is no moment such as 2026-03-01T00:00:00Z.") from error
    if given.tzinfo is None:
        raise CommandError(f"{option} {text} lacks its offset from UTC; a whole one reads 2026-03-01T00:00:00Z.")
    return given
