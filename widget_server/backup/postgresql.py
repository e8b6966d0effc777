"""Backup and restore of PostgreSQL by its own programs, which must be at least as new as the server."""

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
#: The server's side of a closed connection ends a moment after ours: who just stopped Tilfreds is not to be refused.
LEAVING_SECONDS = 3.0


class ProgramFailed(CommandError):
    """pg_dump or pg_restore is missing or did not succeed; its text is a whole sentence."""


def conninfo(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


@contextmanager
def connected(url: str, **options: Any) -> Iterator[psycopg.Connection]:
    """Connect for one transaction.

    Raises:
        DatabaseUnreachable: the server cannot be reached, or went away.
    """
    try:
        with psycopg.connect(conninfo(url), **options) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(error) from error


def program(name: str) -> str:
    """The program of the PATH, else the newest that Debian keeps in a folder of its own."""
    found = shutil.which(name)
    if found:
        return found
    versions = [path for path in Path(DEBIAN_PROGRAMS).glob(f"*/bin/{name}") if path.parts[-3].isdigit()]
    if not versions:
        raise ProgramFailed(f"{name} is not installed: on Debian and Ubuntu, run: sudo apt install postgresql-client")
    return str(max(versions, key=lambda path: int(path.parts[-3])))


def run(name: str, url: str, *arguments: str) -> None:
    parts = conninfo_to_dict(conninfo(url))
    # Other users see the arguments of a process, not its environment.
    password = parts.pop("password", None)
    environ = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    target = psycopg.conninfo.make_conninfo("", **parts)
    done = subprocess.run(
        [program(name), "--dbname", target, *arguments], env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ProgramFailed(f"{name} failed: {last}")


def dump(url: str, target: Path) -> Mapping[str, int]:
    """pg_dump's own format; the counts are those of the same moment, by one snapshot."""
    with connected(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert snapshot is not None
        target.touch(mode=0o600)
        run("pg_dump", url, "--format=custom", "--no-owner", f"--snapshot={snapshot[0]}", f"--file={target}")
        return counts(connection)


def restore(url: str, source: Path) -> None:
    """Replace every table by those of the dump."""
    with connected(url) as connection:
        # pg_restore would drop only what the dump knows, and leave the tables of a newer schema.
        for name in tables(connection):
            connection.execute(sql.SQL("DROP TABLE {} CASCADE").format(sql.Identifier(name)))
    run("pg_restore", url, "--no-owner", "--single-transaction", "--exit-on-error", str(source))


def forget_events(url: str) -> Mapping[str, int]:
    """Empty the outbox of what was restored, and count its rows.

    Events are in the order of one server's transactions, and another server has a count of its own. Nothing is lost but
    places to go on from: whoever follows is told to read everything anew, and consumers begin with the next event.
    """
    with connected(url) as connection:
        present = tables(connection)
        if "event" in present:
            connection.execute("DELETE FROM event")
        if "event_consumer" in present:
            connection.execute("UPDATE event_consumer SET xid = 0, event_id = 0")
        return counts(connection)


def tables(connection: psycopg.Connection) -> list[str]:
    query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
    return [row[0] for row in connection.execute(query)]


def counts(connection: psycopg.Connection) -> Mapping[str, int]:
    result = {}
    for name in tables(connection):
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()
        assert row is not None
        result[name] = row[0]
    return result


def others_connected(url: str) -> int:
    """How many other connections use this database, after those that are just ending have been given time to go."""
    deadline = time.monotonic() + LEAVING_SECONDS
    with connected(url, autocommit=True) as connection:
        while (others := connections(connection)) and time.monotonic() < deadline:
            time.sleep(0.05)
    return others


def connections(connection: psycopg.Connection) -> int:
    """How many connections use this database now, beside this one."""
    row = connection.execute(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    ).fetchone()
    assert row is not None
    return int(row[0])
