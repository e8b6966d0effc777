"""Copies of a database that is in use: made, checked and counted."""

import itertools
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from ..core import clock
from ..core.config import Config
from ..core.errors import CommandError

#: The suffix of a copy in progress, which must not be mistaken for a backup.
UNFINISHED = ".part"
DAILY, BEFORE, REPLACED, MANUAL = "daily", "before", "replaced", "backup"
SUFFIXES = {True: ".sqlite3", False: ".dump"}
DAY_SECONDS = 24 * 3600
MIN_KEPT = 3


class BackupError(CommandError):
    """A copy that failed or is damaged; the text is a sentence."""


def format_stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def choose_target(config: Config, kind: str) -> Path:
    """Return a path in the backup folder that neither a file nor a log beside one uses yet.

    A number is added if two copies are made within one second.
    """
    stem = f"{kind}-{format_stamp(clock.now())}"
    names = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
    targets = (config.backup_dir / f"{name}{SUFFIXES[config.is_sqlite]}" for name in names)
    return next(target for target in targets if not any(target.parent.glob(f"{target.name}*")))


def make_copy(config: Config, target: Path) -> Mapping[str, int]:
    """Copy the database to `target`, check the copy and return its number of rows by table.

    Raises BackupError if the target exists, or if the copy fails or is damaged.
    """
    if target.exists():
        raise BackupError(f"{target} exists already; choose another file, as a backup never overwrites one.")
    unfinished = target.with_name(target.name + UNFINISHED)
    with explain_disk_errors(target), remove_afterwards(unfinished):
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if config.is_sqlite:
            copy_sqlite(config.sqlite_path, unfinished)
            counts = check_sqlite(unfinished)
        else:
            counts = dump_postgresql(config.admin_url, unfinished)
        sync_to_disk(unfinished)
        unfinished.rename(target)
        sync_to_disk(target.parent)
    return counts


@contextmanager
def remove_afterwards(path: Path) -> Iterator[None]:
    """Remove this file at the end, if it exists then."""
    try:
        yield
    finally:
        with suppress(FileNotFoundError, NotADirectoryError):
            path.unlink()


@contextmanager
def explain_disk_errors(path: Path) -> Iterator[None]:
    """Raise BackupError for an error of the disk or of a folder's rights, such as a full disk."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise BackupError(f"{path} cannot be written: {reason}. Free space there, or choose another folder.") from error


def dump_postgresql(url: str, target: Path) -> Mapping[str, int]:
    # Imported here, so that a start on SQLite does not load PostgreSQL's driver.
    counts: Mapping[str, int] = import_module(".postgresql", __package__).dump_database(url, target)
    return counts


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a file with SQLite's online backup, in one step.

    In several steps the backup would restart with each vote that is saved meanwhile.
    """
    if not source.exists():
        raise BackupError(f"There is no database at {source}; run `tilfreds migrate` to create it.")
    target.unlink(missing_ok=True)
    descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    os.close(descriptor)
    # Read-only, because a writable connection would checkpoint while the server does.
    try:
        reading = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)
        with closing(reading), closing(sqlite3.connect(target)) as writing:
            reading.backup(writing)
            # Without a write-ahead log the copy is a single file, which is safe to move.
            writing.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{source} cannot be copied: {error}.") from error


def check_sqlite(path: Path) -> Mapping[str, int]:
    """Return the number of rows by table. Raises BackupError if the file is damaged."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
            if verdict != "ok":
                raise BackupError(f"{path} is damaged: {verdict}.")
            query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
            names = [row[0] for row in connection.execute(query)]
            return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{path} is not an intact SQLite database: {error}.") from error


def sync_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_due(config: Config) -> bool:
    """Return whether no daily copy is from the last 24 hours. One dated in the future does not count."""
    now = time.time()
    ages = (now - file.stat().st_mtime for file in config.backup_dir.glob(f"{DAILY}-*"))
    return config.backup_keep_days > 0 and not any(0 <= age <= DAY_SECONDS for age in ages)


def delete_old_copies(config: Config) -> None:
    """Delete automatic copies older than BACKUP_KEEP_DAYS, because they contain people who were erased since.

    The newest `MIN_KEPT` of each kind stay whatever their age, because the machine's clock may be wrong.
    """
    now = time.time()
    for kind in (DAILY, BEFORE):
        files = sorted(config.backup_dir.glob(f"{kind}-*"), key=lambda file: file.stat().st_mtime, reverse=True)
        for position, file in enumerate(files):
            modified_at = file.stat().st_mtime
            if modified_at > now:
                # A copy made while the clock was ahead would otherwise stay until that date.
                os.utime(file, (now, now))
            elif position >= MIN_KEPT and modified_at < now - config.backup_keep_days * DAY_SECONDS:
                file.unlink(missing_ok=True)
