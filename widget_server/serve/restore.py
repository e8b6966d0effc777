"""Putting a backup back in place of the database; what it replaces is kept, and who was erased since stays erased."""

import os
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from .. import create_app
from ..config import Config
from ..db import db
from ..migrations import run
from ..ratings.erasure import ERASED_FILE, erase_again
from . import backup, locks, postgresql
from .refusals import Refused


@dataclass(frozen=True)
class Restored:
    """The rows of each table of the backup, where the replaced database is kept, and how many were erased again."""

    counts: Mapping[str, int]
    kept: Path | None
    erased: int


def restore(config: Config, source: Path) -> Restored:
    """Replace the database by `source`, brought to this version's schema."""
    if not source.is_file():
        raise Refused(f"There is no backup at {source}.")
    with locks.writing(config):
        put_back = put_back_sqlite if config.is_sqlite else put_back_postgresql
        counts, kept = put_back(config, source)
        run.upgrade(config.database_url)
        return Restored(counts, kept, erase_since(config))


def erase_since(config: Config) -> int:
    app = create_app(config)
    with app.app_context():
        erased = erase_again(config.data_dir / ERASED_FILE)
        db.session.commit()
    app.extensions["tilfreds_engines"].dispose()
    return erased


def put_back_sqlite(config: Config, source: Path) -> tuple[Mapping[str, int], Path | None]:
    path = config.sqlite_path
    draft = path.with_name(path.name + backup.UNFINISHED)
    try:
        backup.copy_sqlite(source, draft)
        counts = backup.check_sqlite(draft)
        url = f"sqlite:///{draft}"
        if run.current(url) is None:
            raise Refused(f"{source} holds no Tilfreds database.")
        if run.is_newer(url):
            raise Refused(f"{source} was made by a newer Tilfreds: install that version first.")
        backup.sync(draft)
        kept = keep_sqlite(config) if path.exists() else None
        draft.replace(path)
        backup.sync(path.parent)
    finally:
        draft.unlink(missing_ok=True)
    return counts, kept


def keep_sqlite(config: Config) -> Path:
    """A second name for the present file, so that at no moment there is none under the first."""
    path = config.sqlite_path
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        # Else a log left beside the file would be played into the one that takes its place.
        connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    kept = backup.default_target(config, backup.REPLACED)
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        os.link(path, kept)
    except OSError:
        shutil.copy2(path, kept)
        backup.sync(kept)
    return kept


def put_back_postgresql(config: Config, source: Path) -> tuple[Mapping[str, int], Path | None]:
    url = config.database_url
    others = postgresql.others_connected(url)
    if others:
        raise Refused(f"{others} other connections use this database: stop every Tilfreds process first.")
    kept = None
    if run.tables(url):
        kept = backup.default_target(config, backup.REPLACED)
        backup.make(config, kept)
    try:
        return postgresql.restore(url, source), kept
    except postgresql.ProgramFailed:
        if kept is not None:
            with suppress(postgresql.ProgramFailed):
                postgresql.restore(url, kept)
        raise
