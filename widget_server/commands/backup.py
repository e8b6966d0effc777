"""The commands that bring the database up to date, copy it and restore it."""

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from ..backup import copies
from ..backup.restore import restore as put_back
from ..serve import database, secret_file
from ..storage import file_lock
from .settings import settings


@click.command()
def migrate() -> None:
    """Bring the database to this version's schema; `serve` does so by itself."""
    config = settings()
    with file_lock.write_access(config):
        for line in [*secret_file.ensure(config), *database.migrate(config)]:
            click.echo(line)


@click.command(name="backup")
@click.argument("target", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--daily", is_flag=True, help="Make the day's copy when it is due, and drop those whose time is over.")
def make_backup(target: Path | None, daily: bool) -> None:
    """Copy the database, in use or not, to TARGET (default: a new file in BACKUP_DIR); check and count the copy."""
    config = settings()
    if daily and not copies.is_due(config):
        return
    chosen = target or copies.default_target(config, copies.DAILY if daily else copies.MANUAL)
    counts = copies.make_copy(config, chosen)
    if daily:
        copies.drop_old(config)
    echo_counts(f"Backup {chosen}, checked:", counts)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Put the backup FILE back in place of the database; refused while a server runs."""
    restored = put_back(settings(), file)
    echo_counts(f"Restored from {file}:", restored.counts)
    if restored.kept is not None:
        click.echo(f"What it replaced is kept as {restored.kept}.")
    if restored.erased:
        click.echo(f"People who were erased since, and are erased again: {restored.erased}.")


def echo_counts(title: str, counts: Mapping[str, int]) -> None:
    click.echo(title)
    for name, count in counts.items():
        click.echo(f"  {count:>10} {name}")
    sys.stdout.flush()
