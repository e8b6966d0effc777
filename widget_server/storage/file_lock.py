"""The operating-system lock of an SQLite file.

Only the process that holds it may write.

The lock is on a file beside the database, since closing any descriptor of the database itself would drop SQLite's own
locks. Child processes inherit the open file, so the lock outlives a killed supervisor until its last child has ended.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..core.config import Config
from ..core.errors import CommandError


class DatabaseHeld(CommandError):
    """Another process holds the write lock of this database."""


def lock_path(config: Config) -> Path:
    """Return the path of the lock file.

    Symbolic links are resolved, so every path of a database has the same lock.
    """
    database_path = config.sqlite_path.resolve()
    return database_path.with_name(database_path.name + "-lock")


def acquire(config: Config) -> int:
    """Take the lock and return its file descriptor.

    The lock is held while the descriptor is open.

    Raises:
        DatabaseHeld: another process has the lock.
    """
    path = lock_path(config)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(descriptor, 200).decode(errors="replace").strip() or "another process"
        os.close(descriptor)
        raise DatabaseHeld(
            f"The database {config.sqlite_path} is held by {holder}. Stop it first, or choose another DATA_DIR."
        ) from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"process {os.getpid()}, serving {config.base_url}\n".encode(), 0)
    return descriptor


@contextmanager
def write_access(config: Config) -> Iterator[None]:
    """Hold the lock while a command writes. PostgreSQL needs no such lock.

    Raises:
        DatabaseHeld: a server or another command has the lock.
    """
    if not config.is_sqlite:
        yield
        return
    descriptor = acquire(config)
    try:
        yield
    finally:
        os.close(descriptor)
