"""A private PostgreSQL from the system's binaries: its own folder, reached by a socket in it, gone at the end.

The folder and the server go even when the tests are killed: a guard beside it waits for our end of a pipe to close.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.skip import skip_missing

USER = "tilfreds"
START_SECONDS = 60
INSTALL = "PostgreSQL is not installed: `apt-get install postgresql` on Debian, `brew install postgresql` on macOS."
HOMEBREW = (Path("/opt/homebrew"), Path("/usr/local"), Path("/home/linuxbrew/.linuxbrew"))
#: A test's data is thrown away anyway, so nothing waits for the disk.
CARELESS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
SETTINGS = {"listen_addresses": "", "max_connections": "200", "shared_buffers": "32MB", "timezone": "UTC"}
GUARD = 'cat; test -f "$1/data/postmaster.pid" && kill -QUIT "$(head -n 1 "$1/data/postmaster.pid")"; rm -rf "$1"'


class NoPostgres(Exception):
    """The machine has no PostgreSQL; the text says what to install."""


def find_binaries() -> Path:
    """The folder with `initdb` and `postgres`: the newest of Debian's, else what pg_config names, else Homebrew's."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    named = shutil.which("pg_config")
    asked = [Path(subprocess.check_output([named, "--bindir"], text=True).strip())] if named else []
    brewed = [path for root in HOMEBREW for path in sorted(root.glob("opt/postgresql*/bin"), reverse=True)]
    for folder in [*debian, *asked, *brewed]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgres(INSTALL)


def as_user() -> dict[str, Any]:
    """How to start a program as somebody else than root, whom PostgreSQL refuses."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


class Postgres:
    """One server, with more of its own settings where given. `stop`, `crash` and `start` may be called in any order;
    `end` gives everything back.
    """

    def __init__(self, *, durable: bool = False, **settings: str) -> None:
        self.binaries = find_binaries()
        self.settings = SETTINGS | ({} if durable else CARELESS) | settings
        self.process: subprocess.Popen[bytes] | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="tilfreds-pg-"))
        self.user = as_user()
        if self.user:
            os.chown(self.folder, self.user["user"], self.user["group"])
        self.guard = subprocess.Popen(
            ["sh", "-c", GUARD, "guard", str(self.folder)], stdin=subprocess.PIPE, start_new_session=True
        )
        initdb = ["initdb", "-D", str(self.data), "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        self._run([str(self.binaries / initdb[0]), *initdb[1:]])
        self.start()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, **self.user)
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        options = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.binaries / "postgres"), "-D", str(self.data), "-k", str(self.folder), *options],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self.user,
            )
        self._await()

    def _await(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.connect().close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise AssertionError(f"PostgreSQL did not start: {self.log.read_text()[-2000:]}")

    def stop(self) -> None:
        """A clean stop that does not wait for open connections."""
        self._signal(signal.SIGINT)

    def crash(self) -> None:
        """An immediate stop, as at a power cut: the next start replays the log."""
        self._signal(signal.SIGQUIT)

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(START_SECONDS)
            self.process = None

    def end(self) -> None:
        self._signal(signal.SIGQUIT)
        assert self.guard.stdin is not None
        self.guard.stdin.close()
        self.guard.wait(START_SECONDS)

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self.folder), user=USER, dbname=database, autocommit=True)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{USER}@/{database}?host={self.folder}"

    def create(self, database: str, template: str = "template1") -> str:
        """A new database's address."""
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop it, if it is there, from a server that a failed test may have left stopped."""
        if self.process is None:
            self.start()
        with self.connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


@contextmanager
def running(*, durable: bool = False, **settings: str) -> Iterator[Postgres]:
    """A server for a test, ended after it; where the machine has none the test says so."""
    try:
        server = Postgres(durable=durable, **settings)
    except NoPostgres as error:
        skip_missing(str(error))
    try:
        yield server
    finally:
        server.end()
