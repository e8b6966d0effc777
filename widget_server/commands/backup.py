"""The commands that upgrade, copy and restore the database."""

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from ..backup import copies
from ..backup import restore as backup_restore
from ..serve import database, secret_file
from ..storage import file_lock
from .settings import settings


@click.command()
def migrate() -> None:
    """Upgrade the database to this version's schema; `serve` does it at the start."""
    config = settings()
    with file_lock.write_access(config):
        for line in [*secret_file.ensure_secret_file(config), *database.migrate(config)]:
            click.echo(line)


@click.command(name="backup")
@click.argument("target", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--daily", is_flag=True, help="Back up if the last daily backup is a day old; delete expired ones.")
def make_backup(target: Path | None, daily: bool) -> None:
    """Back up the database to TARGET and check the copy. The default is a new file in BACKUP_DIR."""
    config = settings()
    if daily and not copies.is_due(config):
        return
    target = target or copies.choose_target(config, copies.DAILY if daily else copies.MANUAL)
    counts = copies.make_copy(config, target)
    if daily:
        copies.delete_old_copies(config)
    echo_counts(f"Backup {target}, checked:", counts)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Replace the database with the backup FILE; stop the server first."""
    config = settings()
    restored = backup_restore.restore_backup(config, file)
    echo_counts(f"Restored from {file}:", restored.counts)
    if restored.replaced_path is not None:
        click.echo(f"The replaced database was saved as {restored.replaced_path}.")
    if restored.erased_count:
        click.echo(f"Visitors erased again, because they were erased after the backup: {restored.erased_count}.")
    if config.secret_keys or config.secret_file.exists():
        warnings = secret_file.secret_warnings(config)
    else:
        path = config.secret_file
        warnings = [f"Copy the secret file that belongs to this backup to {path} before you start the server."]
    for line in warnings:
        click.echo(line, err=True)


@click.command(name="repeat-erasures")
def repeat_erasures() -> None:
    """Erase again what was erased before other tools restored the database; `restore` does it itself."""
    config = settings()
    with file_lock.write_access(config):
        click.echo(f"Erasures repeated: {backup_restore.repeat_erasures(config)}.")


def echo_counts(title: str, counts: Mapping[str, int]) -> None:
    click.echo(title)
    for name, count in counts.items():
        click.echo(f"  {count:>10} {name}")
    sys.stdout.flush()
