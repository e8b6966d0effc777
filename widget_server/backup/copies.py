"""Copies of a database: made while it is in use, checked, counted, and put back."""

import itertools
import os
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from ..core import clock
from ..core.config import Config
from ..core.errors import CommandError

#: A copy under way ends in this, so that nobody takes a half-made one for a backup.
UNFINISHED = ".part"
DAILY, BEFORE, REPLACED, MANUAL = "daily", "before", "replaced", "backup"
SUFFIXES = {True: ".sqlite3", False: ".dump"}
DAY_SECONDS = 24 * 3600


class BackupError(CommandError):
    """A copy could not be made or is not sound; its text is a whole sentence."""


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def default_target(config: Config, kind: str) -> Path:
    """A name that no file bears yet, nor a log beside it; two copies may be made within one second."""
    stem = f"{kind}-{stamp(clock.now())}"
    names = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
    targets = (config.backup_dir / f"{name}{SUFFIXES[config.is_sqlite]}" for name in names)
    return next(target for target in targets if not any(target.parent.glob(f"{target.name}*")))


def make_copy(config: Config, target: Path) -> Mapping[str, int]:
    """Copy the database to `target`, check the copy and return the rows of each of its tables."""
    if target.exists():
        raise BackupError(f"{target} is there already; a backup never writes over a file.")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = target.with_name(target.name + UNFINISHED)
    try:
        if config.is_sqlite:
            copy_sqlite(config.sqlite_path, unfinished)
            counts = check_sqlite(unfinished)
        else:
            counts = dump_postgresql(config.database_url, unfinished)
        sync(unfinished)
        unfinished.rename(target)
        sync(target.parent)
    finally:
        unfinished.unlink(missing_ok=True)
    return counts


def dump_postgresql(url: str, target: Path) -> Mapping[str, int]:
    # Imported here: a start on SQLite does not wait for the driver of another database.
    counts: Mapping[str, int] = import_module(".postgresql", __package__).dump(url, target)
    return counts


def copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's online backup, in one go: in steps it would begin anew with each vote that is saved meanwhile."""
    if not source.exists():
        raise BackupError(f"There is no database at {source} yet.")
    target.unlink(missing_ok=True)
    descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    os.close(descriptor)
    # Read-only, since a reader that could write would checkpoint beside the server.
    try:
        reading = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)
        with closing(reading), closing(sqlite3.connect(target)) as writing:
            reading.backup(writing)
            # The copy is one file by itself, whichever way it is carried.
            writing.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{source} cannot be copied: {error}.") from error


def check_sqlite(path: Path) -> Mapping[str, int]:
    """The rows of each table of a sound file; BackupError for any other."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
            if verdict != "ok":
                raise BackupError(f"{path} is damaged: {verdict}.")
            query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
            names = [row[0] for row in connection.execute(query)]
            return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{path} is not a sound SQLite database: {error}.") from error


def sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_due(config: Config) -> bool:
    newest = max((file.stat().st_mtime for file in config.backup_dir.glob(f"{DAILY}-*")), default=0.0)
    return config.backup_keep_days > 0 and time.time() - newest > DAY_SECONDS


def drop_old(config: Config) -> None:
    """Forget automatic copies when their time is over: people who were erased must not live on in them."""
    oldest = time.time() - config.backup_keep_days * DAY_SECONDS
    for kind in (DAILY, BEFORE):
        for file in config.backup_dir.glob(f"{kind}-*"):
            if file.stat().st_mtime < oldest:
                file.unlink(missing_ok=True)
