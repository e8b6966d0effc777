"""The commands that run, copy and restore a server."""

import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import click

from .. import create_app
from ..config import Config
from ..jobs.loop import run_forever
from ..jobs.table import JOBS
from . import backup, database, lifeline, locks, logs, secret_file, start
from .refusals import Refused
from .restore import restore as put_back


def settings() -> Config:
    return Config.from_environ(os.environ)


@click.command()
def serve() -> None:
    """Serve: web, live and worker, until SIGTERM or SIGINT."""
    # Until the supervisor handles signals, nothing runs that would need more than to end.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    start.serve(settings(), os.environ)


@click.command()
def live() -> None:
    """Serve only the event streams, on LIVE_PORT; `serve` starts this by itself."""
    settings().refuse_unsafe()
    argv = start.script("live.py")
    os.execv(argv[0], argv)


@click.command()
def worker() -> None:
    """Do the periodic work, on PostgreSQL; `serve` starts this by itself."""
    config = settings().with_secrets()
    if config.is_sqlite:
        raise Refused("On SQLite the worker is a part of `tilfreds serve`; no other process may write to the file.")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    lifeline.hold()
    logs.set_up(config)
    run_forever(create_app(config), JOBS, stop)


@click.command()
def migrate() -> None:
    """Bring the database to this version's schema; `serve` does so by itself."""
    config = settings()
    with locks.writing(config):
        for line in [*secret_file.ensure(config), *database.migrate(config)]:
            click.echo(line)


@click.command(name="backup")
@click.argument("target", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--daily", is_flag=True, help="Make the day's copy when it is due, and drop those whose time is over.")
def make_backup(target: Path | None, daily: bool) -> None:
    """Copy the database, in use or not, to TARGET (default: a new file in BACKUP_DIR); check and count the copy."""
    config = settings()
    if daily and not backup.is_due(config):
        return
    chosen = target or backup.default_target(config, backup.DAILY if daily else backup.BY_HAND)
    counts = backup.make(config, chosen)
    if daily:
        backup.drop_old(config)
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


COMMANDS = (serve, live, worker, migrate, make_backup, restore)
