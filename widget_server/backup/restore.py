"""Restore of a backup: the replaced database is kept, and erasures since the backup are repeated."""

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
from ..privacy.erasure_ledger import ERASED_FILE, apply_erasures
from ..storage import file_lock
from ..storage.db import db, engines_of
from . import copies, postgresql

MAGIC = b"SQLite format 3\0"
#: Files that SQLite writes beside the database: logs with changes, and an index of the log without data.
LOGS, INDEX = ("-wal", "-journal"), "-shm"
IN_USE = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@dataclass(frozen=True)
class RestoreResult:
    """The rows of the backup by table, the path of the replaced database, and the number of repeated erasures."""

    counts: Mapping[str, int]
    replaced_path: Path | None
    erased_count: int


def restore_backup(config: Config, source: Path) -> RestoreResult:
    """Replace the database with `source` and upgrade it to this version's schema.

    Raises CommandError if the backup cannot be used or the database is in use.
    """
    if not source.is_file():
        raise CommandError(f"There is no backup at {source}.")
    with file_lock.write_access(config):
        restore_database = restore_sqlite if config.is_sqlite else restore_postgresql
        counts, replaced_path = restore_database(config, source)
        if config.secret_file.exists():
            config = config.with_secrets()
        run.upgrade(config.admin_url, secret_keys=config.secret_keys)
        return RestoreResult(counts, replaced_path, repeat_erasures(config))


def repeat_erasures(config: Config) -> int:
    app = create_app(config)
    with app.app_context():
        erased_count = apply_erasures(config.data_dir / ERASED_FILE)
        db.session.commit()
    engines_of(app).dispose()
    return erased_count


def restore_sqlite(config: Config, source: Path) -> tuple[Mapping[str, int], Path | None]:
    # A rename would replace a symbolic link instead of the file behind it, which may be on another disk.
    path = config.sqlite_path.resolve()
    draft = path.with_name(path.name + copies.UNFINISHED)
    with copies.explain_disk_errors(path), copies.remove_afterwards(draft):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        copies.copy_sqlite(source, draft)
        counts = copies.check_sqlite(draft)
        url = f"sqlite:///{draft}"
        if run.current_revision(url) is None:
            raise CommandError(f"{source} is not a Tilfreds database.")
        if run.is_newer(url):
            raise CommandError(f"{source} was made by a newer Tilfreds: install that version first.")
        copies.sync_to_disk(draft)
        replaced_path = set_aside_sqlite(config, path)
        draft.replace(path)
        copies.sync_to_disk(path.parent)
    return counts, replaced_path


def set_aside_sqlite(config: Config, path: Path) -> Path | None:
    """Move the database at `path` and its logs into the backup folder; return the new path, or None without files.

    The current file gets a second name and keeps its first, so that a file exists there at every moment.
    """
    if path.exists():
        checkpoint_log(path)
    companion_path(path, INDEX).unlink(missing_ok=True)
    replaced_path = copies.choose_target(config, copies.REPLACED)
    replaced_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists():
        link_or_copy(path, replaced_path)
    # SQLite would apply a log that stayed to the file that takes this place.
    logs = [suffix for suffix in LOGS if companion_path(path, suffix).exists()]
    for suffix in logs:
        shutil.move(companion_path(path, suffix), companion_path(replaced_path, suffix))
    copies.sync_to_disk(replaced_path.parent)
    copies.sync_to_disk(path.parent)
    if replaced_path.exists():
        return replaced_path
    return companion_path(replaced_path, logs[0]) if logs else None


def checkpoint_log(path: Path) -> None:
    """Let SQLite write its log into its file; leave files that it cannot read unchanged, for later recovery.

    Raises CommandError if another program has the file open.
    """
    with path.open("rb") as file:
        # SQLite would delete the log of an empty file.
        if file.read(len(MAGIC)) != MAGIC:
            return
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.Error as error:
        if error.sqlite_errorcode & 0xFF in IN_USE:
            # When that program ends, it would mistake the new file's log for its own and delete it.
            raise CommandError(f"{path} is open in another program: close that first.") from error


def link_or_copy(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except OSError:
        shutil.copy2(path, target)
        copies.sync_to_disk(target)


def companion_path(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def restore_postgresql(config: Config, source: Path) -> tuple[Mapping[str, int], Path | None]:
    url = config.admin_url
    other_count = postgresql.wait_for_disconnects(url)
    if other_count:
        raise CommandError(f"{other_count} other connections use this database: stop every Tilfreds process first.")
    replaced_path = None
    if run.list_tables(url):
        replaced_path = copies.choose_target(config, copies.REPLACED)
        copies.make_copy(config, replaced_path)
    try:
        postgresql.restore_dump(url, source)
    except postgresql.ProgramFailed:
        if replaced_path is not None:
            with suppress(postgresql.ProgramFailed):
                postgresql.restore_dump(url, replaced_path)
        raise
    return postgresql.clear_outbox(url), replaced_path
