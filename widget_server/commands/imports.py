"""The command that imports conversations and ratings of another system."""

import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import click

from ..api.base import check_external_id
from ..api.imports.schemas import ConversationImport, to_imported
from ..core.errors import DomainError
from ..ratings.history_import import ImportCounts, import_conversation
from ..sites.service import find_site
from ..storage.db import db
from ..web.schema_loading import parse_body
from .context import API_KEY, require_site, writing

CONVERSATION = ConversationImport()
#: After this many conversations the progress is written.
PROGRESS_STEP = 100


@click.command()
@click.argument("site_key")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_file(site_key: str, file: Path) -> None:
    """Import FILE, one conversation of another system in each line, into the site SITE_KEY.

    Each line is JSON (docs/guides/importing.md). A wrong line is reported and does not stop the others. Running the
    command again adds only what is missing.
    """
    with file.open("rb") as stream:
        line_count = sum(1 for line in stream if line.strip())
    added, rejected_count = ImportCounts(0, 0, 0), 0
    with writing("POST /import", {"conversations": ["…"]}, API_KEY):
        site_id = require_site(site_key).id
        for position, (number, line) in enumerate(read_lines(file), start=1):
            try:
                added = sum_counts(added, import_line(site_id, line))
            except DomainError as error:
                db.session.rollback()
                rejected_count += 1
                click.echo(f"Line {number}: {describe(error)}", err=True)
            if position % PROGRESS_STEP == 0 or position == line_count:
                click.echo(f"{position:,} of {line_count:,} conversations", err=True)
    click.echo(f"Added {added.messages:,} messages, {added.segments:,} ends and {added.ratings:,} ratings.")
    if rejected_count:
        click.echo(f"{rejected_count:,} lines were rejected; correct them and run the command again.", err=True)
        sys.exit(1)


def read_lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not empty, with their numbers."""
    with file.open("rb") as stream:
        yield from ((number, line) for number, line in enumerate(stream, start=1) if line.strip())


def import_line(site_id: UUID, line: bytes) -> ImportCounts:
    """Store the conversation of a line in a transaction. Raise DomainError if it is invalid."""
    imported = to_imported(parse_body(CONVERSATION, line))
    check_external_id(imported.external_id)
    counts = import_conversation(find_site(site_id), imported)
    db.session.commit()
    db.session.expunge_all()
    return counts


def sum_counts(*counts: ImportCounts) -> ImportCounts:
    names = ("segments", "messages", "ratings")
    return ImportCounts(**{name: sum(getattr(one, name) for one in counts) for name in names})


def describe(error: DomainError) -> str:
    """Return an error with the field that it is about."""
    return f"{error.pointer}: {error.detail}" if error.pointer else error.detail
