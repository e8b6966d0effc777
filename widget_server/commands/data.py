"""The commands that export votes and erase visitors."""

import re
import sys
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

import click

from ..accounts import audit
from ..accounts.actors import command_actor
from ..conversations.agents import find_agent
from ..conversations.models import CHANNELS
from ..core import clock
from ..core.errors import CommandError
from ..inbox.vote_filter import VoteFilter
from ..privacy.erasure import erase_visitor
from ..privacy.erasure_ledger import ERASED_FILE, record_erasure
from ..reports.exports import export_votes
from ..sites.models import Site
from ..storage.db import db
from ..visitors.service import get_visitor
from .context import API_KEY, reading, require_site, writing

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}


@click.command()
@click.argument("site_key")
@click.argument("visitor")
@click.confirmation_option(prompt="This cannot be undone. Erase?")
def erase(site_key: str, visitor: str) -> None:
    """Erase VISITOR (your id of the person) from the site SITE_KEY; votes stay as anonymous counts."""
    with writing(f"POST /visitors/{quote(visitor, safe='')}/erase", {}, API_KEY) as config:
        site = require_site(site_key)
        visitor_id = get_visitor(site.id, visitor).id
        # Before any row is locked, because the answers of open pages would wait for the flush of the file.
        record_erasure(config.data_dir / ERASED_FILE, site.id, visitor)
        count = erase_visitor(site, visitor)
        detail = {"conversations": count}
        audit.record(
            site.id, actor=command_actor(), action="visitor.erased", target=f"visitor {visitor_id}", detail=detail
        )
        db.session.commit()
        click.echo(f"Erased, with the texts of {count} conversations.")


@click.group()
def export() -> None:
    """Export data."""


@export.command()
@click.argument("site_key")
@click.option("--since", help="Time of the first press, inclusive: 2026-03-01T00:00:00Z, or a day of the site.")
@click.option("--until", help="Time or day of the first press, exclusive.")
@click.option("--channel", type=click.Choice([*CHANNELS, "page"]), help="Only votes from this channel.")
@click.option("--kind", help="Only votes on this kind: conversation, article, page or order.")
@click.option("--agent", help="Only votes that this agent, by their external id, is credited with.")
@click.option("--bom", is_flag=True, help="Start with a byte order mark, for Excel.")
@click.option(
    "--delimiter",
    type=click.Choice(list(DELIMITERS)),
    default="comma",
    show_default=True,
    help="What separates the columns; Excel needs the semicolon where the comma separates decimals.",
)
def votes(
    site_key: str, since: str | None, until: str | None, agent: str | None, bom: bool, delimiter: str, **filters: Any
) -> None:
    """Write the votes of the site SITE_KEY as CSV, newest first.

    The column local_time is the time of the first press in the site's time zone, which spreadsheets read as a time.
    """
    moments = {"since": parse_moment("--since", since), "until": parse_moment("--until", until)}
    # The CSV writer sets the line ends, and the file is UTF-8 whatever the terminal's encoding is.
    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
    with reading():
        site = require_site(site_key)
        if agent is not None and find_agent(site.id, agent) is None:
            raise CommandError(f"The site has no agent {agent}; GET /api/v1/agents lists them.")
        vote_filter = VoteFilter(
            since=to_timestamp(moments["since"], site),
            until=to_timestamp(moments["until"], site),
            agent=agent,
            **filters,
        )
        count = export_votes(db.session(), site.id, vote_filter, sys.stdout, bom=bom, delimiter=DELIMITERS[delimiter])
    sys.stdout.flush()
    click.echo(f"{count} votes.", err=True)


def parse_moment(option: str, text: str | None) -> date | datetime | None:
    """Return the day or the timestamp of an option. Raises CommandError if it is invalid or has no UTC offset."""
    if text is None:
        return None
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
        timestamp = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            f"{option} must be a day or a timestamp, such as 2026-03-01T00:00:00Z, not {text}."
        ) from error
    if timestamp.tzinfo is None:
        raise CommandError(f"{option} {text} must include a UTC offset, for example 2026-03-01T00:00:00Z.")
    return timestamp


def to_timestamp(moment: date | datetime | None, site: Site) -> datetime | None:
    """Return the first moment of a day in the time zone of the site; other moments unchanged."""
    if moment is None or isinstance(moment, datetime):
        return moment
    return clock.start_of_day(moment, site.time_zone)
