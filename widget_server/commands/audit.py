"""The commands for the audit log."""

from pathlib import Path

import click

from ..accounts import audit_chain
from ..core.errors import CommandError
from ..storage.db import engines
from .context import reading


@click.group()
def audit() -> None:
    """Verify the audit log."""


@audit.command()
@click.option(
    "--anchors",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of lines of `tilfreds audit anchor`: each entry must still exist.",
)
def verify(anchors: Path | None) -> None:
    """Verify that no entry of the audit log was changed, removed or moved.

    Without --anchors it cannot see that the newest entries were removed. The exit status is 1 if an entry is broken.
    """
    known_anchors = _read_anchors(anchors) if anchors else []
    with reading(), engines().read.connect() as connection:
        broken_entries = list(audit_chain.find_broken_entries(connection, known_anchors))
        entry_count = sum(anchor.number for anchor in audit_chain.list_anchors(connection))
    for chain, number in broken_entries:
        click.echo(f"{audit_chain.name_of(chain)} {number}: changed or removed, or the entry before it is missing")
    if broken_entries:
        raise click.exceptions.Exit(1)
    click.echo(f"The audit log is intact: {entry_count} entries, {len(known_anchors)} anchors.")


@audit.command()
def anchor() -> None:
    """Print the newest entry of each chain: its site or `server`, its number and its hash.

    Keep the lines on another machine, because a person who can write the database must not be able to change them.
    """
    with reading(), engines().read.connect() as connection:
        for newest in audit_chain.list_anchors(connection):
            click.echo(str(newest))


def _read_anchors(path: Path) -> list[audit_chain.Anchor]:
    try:
        return [audit_chain.parse_anchor(line) for line in path.read_text().splitlines() if line.strip()]
    except (ValueError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} must have lines of `tilfreds audit anchor`, such as `server 12 HASH`.") from error
