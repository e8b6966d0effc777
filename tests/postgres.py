"""A private PostgreSQL from the system's binaries, in a temporary folder and reached by a socket in it.

The server ends and its folder is removed even if the tests are killed: a guard process waits for our end of a pipe to
close.
"""

from __future__ import annotations

import functools
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
#: The data of a test is temporary, so no write has to wait for the disk.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
SETTINGS = {"listen_addresses": "", "max_connections": "200", "shared_buffers": "32MB", "timezone": "UTC"}
GUARD = 'cat; test -f "$1/data/postmaster.pid" && kill -QUIT "$(head -n 1 "$1/data/postmaster.pid")"; rm -rf "$1"'


class NoPostgres(Exception):
    """The machine has no PostgreSQL; the text says what to install."""


def find_binaries() -> Path:
    """Return the folder with `initdb` and `postgres`: the newest of Debian, that of pg_config, or that of Homebrew.

    Raises:
        NoPostgres: there is none.
    """
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    pg_config = shutil.which("pg_config")
    configured = [Path(subprocess.check_output([pg_config, "--bindir"], text=True).strip())] if pg_config else []
    homebrew = [path for root in HOMEBREW for path in sorted(root.glob("opt/postgresql*/bin"), reverse=True)]
    for folder in [*debian, *configured, *homebrew]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgres(INSTALL)


def as_user() -> dict[str, Any]:
    """Return the options that start a program as a user other than root, as PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def run_program(command: list[str], folder: Path) -> None:
    process = subprocess.run(command, cwd=folder, capture_output=True, text=True, **as_user())
    assert process.returncode == 0, process.stderr


def make_folder(at_end: str) -> tuple[Path, subprocess.Popen[bytes]]:
    """Make a folder of the server's user, and start the guard that runs this shell script when its input closes."""
    folder = Path(tempfile.mkdtemp(prefix="tilfreds-pg-"))
    if user := as_user():
        os.chown(folder, user["user"], user["group"])
    guard = ["sh", "-c", at_end, "guard", str(folder)]
    return folder, subprocess.Popen(guard, stdin=subprocess.PIPE, start_new_session=True)


@functools.cache
def initial_data(binaries: Path) -> tuple[Path, subprocess.Popen[bytes]]:
    """Make the data of a new server once for this process, because copying it costs a twentieth; keep its guard."""
    folder, guard = make_folder('cat; rm -rf "$1"')
    options = ["-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    run_program([str(binaries / "initdb"), "-D", str(folder / "data"), *options], folder)
    return folder / "data", guard


class Postgres:
    """A server with additional settings.

    `stop`, `crash` and `start` may be called in any order; `end` frees everything.
    """

    def __init__(self, *, durable: bool = False, **settings: str) -> None:
        self.binaries = find_binaries()
        self.settings = SETTINGS | ({} if durable else NOT_DURABLE) | settings
        self.process: subprocess.Popen[bytes] | None = None
        template, _ = initial_data(self.binaries)
        self.folder, self.guard = make_folder(GUARD)
        run_program(["cp", "-a", str(template), str(self.data)], self.folder)
        self.start()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "log"

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
                **as_user(),
            )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
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
        """Stop cleanly, without waiting for open connections."""
        self._signal(signal.SIGINT)

    def crash(self) -> None:
        """Stop at once, as at a power cut: the next start replays the log."""
        self._signal(signal.SIGQUIT)

    def _signal(self, signal_number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(signal_number)
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
        """Create a database and return its address."""
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop a database if it exists, after starting a server that a failed test left stopped."""
        if self.process is None:
            self.start()
        with self.connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


@contextmanager
def running(*, durable: bool = False, **settings: str) -> Iterator[Postgres]:
    """Run a server for a test. If the machine has no PostgreSQL, the test is skipped with the reason."""
    try:
        server = Postgres(durable=durable, **settings)
    except NoPostgres as error:
        skip_missing(str(error))
    try:
        yield server
    finally:
        server.end()
