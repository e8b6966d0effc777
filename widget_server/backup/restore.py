"""Putting a backup back in place of the database; what it replaces is kept, and who was erased since stays erased."""

import os
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from .. import create_app
from ..core.config import Config
from ..core.errors import CommandError
from ..migrations import run
from ..privacy.erasure import ERASED_FILE, erase_again
from ..storage import file_lock
from ..storage.db import db, engines_of
from . import copies, postgresql

MAGIC = b"SQLite format 3\0"
#: What SQLite writes beside its file: changes that are not in it yet, or no longer, and what only helps to find them.
LOGS, INDEX = ("-wal", "-journal"), "-shm"
IN_USE = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@dataclass(frozen=True)
class Restored:
    """The rows of each table of the backup, where what it replaced is kept, and how many were erased again."""

    counts: Mapping[str, int]
    kept: Path | None
    erased: int


def restore(config: Config, source: Path) -> Restored:
    """Replace the database by `source`, brought to this version's schema."""
    if not source.is_file():
        raise CommandError(f"There is no backup at {source}.")
    with file_lock.write_access(config):
        put_back = put_back_sqlite if config.is_sqlite else put_back_postgresql
        counts, kept = put_back(config, source)
        run.upgrade(config.database_url)
        return Restored(counts, kept, erase_since(config))


def erase_since(config: Config) -> int:
    app = create_app(config)
    with app.app_context():
        erased = erase_again(config.data_dir / ERASED_FILE)
        db.session.commit()
    engines_of(app).dispose()
    return erased


def put_back_sqlite(config: Config, source: Path) -> tuple[Mapping[str, int], Path | None]:
    path = config.sqlite_path
    draft = path.with_name(path.name + copies.UNFINISHED)
    try:
        copies.copy_sqlite(source, draft)
        counts = copies.check_sqlite(draft)
        url = f"sqlite:///{draft}"
        if run.current_revision(url) is None:
            raise CommandError(f"{source} holds no Tilfreds database.")
        if run.is_newer(url):
            raise CommandError(f"{source} was made by a newer Tilfreds: install that version first.")
        copies.sync(draft)
        kept = keep_sqlite(config)
        draft.replace(path)
        copies.sync(path.parent)
    finally:
        draft.unlink(missing_ok=True)
    return counts, kept


def keep_sqlite(config: Config) -> Path | None:
    """Put aside what lies in the place of the database and say where; None when that is nothing.

    The present file gets a second name, so that at no moment there is none under the first.
    """
    path = config.sqlite_path
    if path.exists():
        fold_log(path)
    beside(path, INDEX).unlink(missing_ok=True)
    kept = copies.default_target(config, copies.REPLACED)
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists():
        second_name(path, kept)
    # Left where it is a log would be played into the file that takes this place.
    logs = [suffix for suffix in LOGS if beside(path, suffix).exists()]
    for suffix in logs:
        shutil.move(beside(path, suffix), beside(kept, suffix))
    copies.sync(kept.parent)
    copies.sync(path.parent)
    if kept.exists():
        return kept
    return beside(kept, logs[0]) if logs else None


def fold_log(path: Path) -> None:
    """Have SQLite write its log into its file; what it cannot read is left for who may yet read something in it."""
    with path.open("rb") as file:
        # SQLite itself would throw away the log of a file that is empty.
        if file.read(len(MAGIC)) != MAGIC:
            return
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.Error as error:
        if error.sqlite_errorcode & 0xFF in IN_USE:
            # When that one ends, it would take the log of the new file for its own and delete it.
            raise CommandError(f"{path} is open in another program: close that first.") from error


def second_name(path: Path, kept: Path) -> None:
    try:
        os.link(path, kept)
    except OSError:
        shutil.copy2(path, kept)
        copies.sync(kept)


def beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def put_back_postgresql(config: Config, source: Path) -> tuple[Mapping[str, int], Path | None]:
    url = config.database_url
    others = postgresql.others_connected(url)
    if others:
        raise CommandError(f"{others} other connections use this database: stop every Tilfreds process first.")
    kept = None
    if run.list_tables(url):
        kept = copies.default_target(config, copies.REPLACED)
        copies.make_copy(config, kept)
    try:
        postgresql.restore(url, source)
    except postgresql.ProgramFailed:
        if kept is not None:
            with suppress(postgresql.ProgramFailed):
                postgresql.restore(url, kept)
        raise
    return postgresql.forget_events(url), kept
