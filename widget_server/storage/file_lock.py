"""The operating-system lock of an SQLite file: who holds it is the one process that may write.

The lock lies on a file beside the database, since closing any descriptor of the database itself would drop SQLite's own
locks. It is held by an open file that children inherit, so it outlives a supervisor that was killed until the last of
them has ended.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..core.config import Config
from ..core.errors import CommandError


class DatabaseHeld(CommandError):
    """Another process may write to this database now; its text is a whole sentence."""


def lock_file(config: Config) -> Path:
    real = config.sqlite_path.resolve()
    return real.with_name(real.name + "-lock")


def acquire(config: Config) -> int:
    """The descriptor of the lock, to be kept open as long as it is needed."""
    path = lock_file(config)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(descriptor, 200).decode(errors="replace").strip() or "another process"
        os.close(descriptor)
        raise DatabaseHeld(
            f"The database {config.sqlite_path} is held by {holder}. Stop that first, or choose another DATA_DIR."
        ) from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"process {os.getpid()}, serving {config.base_url}\n".encode(), 0)
    return descriptor


@contextmanager
def writing(config: Config) -> Iterator[None]:
    """Hold the database for one command that writes; refused while a server runs. PostgreSQL needs no such lock."""
    if not config.is_sqlite:
        yield
        return
    descriptor = acquire(config)
    try:
        yield
    finally:
        os.close(descriptor)
