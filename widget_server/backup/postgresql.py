"""Backup and restore of PostgreSQL by pg_dump and pg_restore, which must be at least as new as the server."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from ..core.errors import CommandError, DatabaseUnreachable

DEBIAN_PROGRAMS = "/usr/lib/postgresql"
#: The server's side of a closed connection ends shortly after ours, so a restore right after a stop waits this long.
LEAVING_SECONDS = 3.0


class ProgramFailed(CommandError):
    """A pg_dump or pg_restore that is missing or failed; the text is a sentence."""


def conninfo(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


@contextmanager
def connect_once(url: str, **options: Any) -> Iterator[psycopg.Connection]:
    """Connect for one transaction.

    Raises:
        DatabaseUnreachable: The server cannot be reached, or the connection was lost.
    """
    try:
        with psycopg.connect(conninfo(url), **options) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(error) from error


def find_program(name: str) -> str:
    """Return the program on the PATH, otherwise the newest of Debian's versioned folders.

    Raises ProgramFailed if the program is not installed.
    """
    path_program = shutil.which(name)
    if path_program:
        return path_program
    versions = [path for path in Path(DEBIAN_PROGRAMS).glob(f"*/bin/{name}") if path.parts[-3].isdigit()]
    if not versions:
        raise ProgramFailed(f"{name} is not installed: on Debian and Ubuntu, run: sudo apt install postgresql-client")
    return str(max(versions, key=lambda path: int(path.parts[-3])))


def run_program(name: str, url: str, *arguments: str) -> None:
    parameters = conninfo_to_dict(conninfo(url))
    # Other users can see the arguments of a process but not its environment, so the password goes there.
    password = parameters.pop("password", None)
    environ = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    target = psycopg.conninfo.make_conninfo("", **parameters)
    process = subprocess.run(
        [find_program(name), "--dbname", target, *arguments], env=environ, capture_output=True, text=True, check=False
    )
    if process.returncode:
        last_line = (process.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ProgramFailed(f"{name} failed: {last_line}")


def dump_database(url: str, target: Path) -> Mapping[str, int]:
    """Dump the database in pg_dump's custom format and return its number of rows by table.

    Dump and counts share one snapshot, so they describe the same moment.
    """
    with connect_once(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert snapshot is not None
        target.touch(mode=0o600)
        options = ("--format=custom", "--no-owner", f"--snapshot={snapshot[0]}", f"--file={target}")
        run_program("pg_dump", url, *options)
        return count_rows(connection)


def restore_dump(url: str, source: Path) -> None:
    """Replace all tables with those of the dump."""
    with connect_once(url) as connection:
        # pg_restore drops only the tables that the dump contains, and would leave those of a newer schema.
        for name in list_tables(connection):
            connection.execute(sql.SQL("DROP TABLE {} CASCADE").format(sql.Identifier(name)))
    run_program("pg_restore", url, "--no-owner", "--single-transaction", "--exit-on-error", str(source))


def clear_outbox(url: str) -> Mapping[str, int]:
    """Empty the outbox of a restored database and return its number of rows by table.

    Events are ordered by one server's transaction ids, which mean nothing on another server. Only positions are lost:
    stream clients are asked to reload everything, and consumers begin with the next event.
    """
    with connect_once(url) as connection:
        table_names = list_tables(connection)
        if "event" in table_names:
            connection.execute("DELETE FROM event")
        if "event_consumer" in table_names:
            connection.execute("UPDATE event_consumer SET xid = 0, event_id = 0")
        return count_rows(connection)


def list_tables(connection: psycopg.Connection) -> list[str]:
    query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
    return [row[0] for row in connection.execute(query)]


def count_rows(connection: psycopg.Connection) -> Mapping[str, int]:
    counts = {}
    for name in list_tables(connection):
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()
        assert row is not None
        counts[name] = row[0]
    return counts


def wait_for_disconnects(url: str) -> int:
    """Return the number of other connections to this database, after a wait for those that are ending."""
    deadline = time.monotonic() + LEAVING_SECONDS
    with connect_once(url, autocommit=True) as connection:
        while (other_count := count_other_connections(connection)) and time.monotonic() < deadline:
            time.sleep(0.05)
    return other_count


def count_other_connections(connection: psycopg.Connection) -> int:
    row = connection.execute(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    ).fetchone()
    assert row is not None
    return int(row[0])
