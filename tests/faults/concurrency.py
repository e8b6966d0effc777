"""Readers in a process that may be ended at any moment, what they were told, and whether it is true."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from tests.factories import Make
from widget_server import create_app
from widget_server.core import tokens
from widget_server.ratings.recount import differences

from .voter import config_of, score_of

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "tests.faults.voter"]
PATIENCE_SECONDS = 60
Press = tuple[str, int]


@dataclass(frozen=True)
class Place:
    """A database with a site whose articles are rated; `job` is what a voter needs to know of it."""

    folder: Path
    url: str
    key: str
    revision: str

    @property
    def file(self) -> Path:
        return self.folder / "tilfreds.sqlite3"

    @property
    def journal(self) -> Path:
        return self.folder / "journal"

    def job(self, **more: Any) -> dict[str, Any]:
        where = {"folder": str(self.folder), "url": self.url, "journal": str(self.journal)}
        return {**where, "key": self.key, "revision": self.revision, "readers": 3, **more}


def place(folder: Path, url: str) -> Place:
    """Put a site, an agent and a survey into a migrated database, and let go of it."""
    config = config_of({"folder": str(folder), "url": url})
    app = create_app(config)
    make = Make(app.test_client(), config.secret_keys)
    site = make.site()
    make.agent(site)
    revision = str(make.survey(site, "article").revision)
    app.extensions["tilfreds_engines"].dispose()
    return Place(folder, url, site.key, revision)


class Voter:
    """The program, which forks a voting child for each job."""

    def __init__(self, log: Path) -> None:
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                COMMAND, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
            )
        self.child = 0

    def prepare(self, job: dict[str, Any]) -> int:
        """A child that waits for `go`; its id."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        self.child = self._number()
        return self.child

    def go(self) -> None:
        os.kill(self.child, signal.SIGUSR1)

    def kill(self) -> int:
        os.kill(self.child, signal.SIGKILL)
        return self.wait()

    def wait(self) -> int:
        """The child's status once it has ended."""
        status, self.child = self._number(), 0
        return status

    def _number(self) -> int:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the voters' program has ended"
        return int(line)

    def end(self) -> None:
        if self.child:
            os.kill(self.child, signal.SIGKILL)
        self.process.communicate(timeout=PATIENCE_SECONDS)


@contextmanager
def voter(folder: Path) -> Iterator[Voter]:
    made = Voter(folder / "errors")
    try:
        yield made
    finally:
        made.end()


@dataclass
class Told:
    """What the journal says. A reader's saves are counted up, so the highest one says all of them."""

    asked: dict[str, int] = field(default_factory=dict)
    acknowledged: dict[str, int] = field(default_factory=dict)
    last: Press | None = None
    #: How often each status was given, but for success.
    refused: Counter[int] = field(default_factory=Counter)
    refused_without_wait: int = 0
    readiness: Counter[int] = field(default_factory=Counter)

    def add(self, line: str) -> None:
        match line.split():
            case ["asks", id, rev]:
                self.asked[id] = max(int(rev), self.asked.get(id, 0))
            case ["told", id, rev, "200", _]:
                self.acknowledged[id] = max(int(rev), self.acknowledged.get(id, 0))
                self.last = (id, int(rev))
            case ["told", _, _, status, wait]:
                self.refused[int(status)] += 1
                self.refused_without_wait += wait == "-"
            case ["ready", status]:
                self.readiness[int(status)] += 1
            case words:
                raise AssertionError(f"not understood: {words}")

    @property
    def unanswered(self) -> list[Press]:
        return [(id, rev) for id, rev in self.asked.items() if self.acknowledged.get(id, 0) < rev]

    @property
    def to_send_again(self) -> list[Press]:
        """As a browser that never saw the answer, and one whose answer was lost on the way."""
        return [*self.unanswered, *([self.last] if self.last else [])]


def told(journal: Path) -> Told:
    found = Told()
    for line in journal.read_text().splitlines():
        found.add(line)
    return found


@dataclass(frozen=True)
class Findings:
    """What is wrong with a database after a crash; all are zero or empty in a product that keeps its word."""

    lost: int
    doubled: int
    #: Nobody asked for these, or not with this answer.
    made_up: int
    wrong_counts: int
    unsound: str

    def __bool__(self) -> bool:
        return any((self.lost, self.doubled, self.made_up, self.wrong_counts, self.unsound))


#: A reader's row is known by the hash of what the browser made; each save that was stored has its row in the history.
VOTES = "SELECT client_hash, rev, score FROM vote"
CHANGES = "SELECT client_hash, rev, score FROM vote_change"
SavedRow = tuple[str, int, int]


@dataclass(frozen=True)
class Stored:
    """What is in a database at one moment."""

    votes: list[SavedRow]
    changes: list[SavedRow]
    wrong_counts: int
    unsound: str


def stored(url: str) -> Stored:
    is_sqlite = url.startswith("sqlite:")
    engine = create_engine(url) if is_sqlite else create_engine(url, isolation_level="REPEATABLE READ")
    try:
        with engine.connect() as connection:
            said = connection.execute(text("PRAGMA integrity_check")).scalars().all() if is_sqlite else ["ok"]
            votes = [(client, rev, score) for client, rev, score in connection.execute(text(VOTES))]
            changes = [(client, rev, score) for client, rev, score in connection.execute(text(CHANGES))]
            return Stored(votes, changes, len(differences(connection)), "" if said == ["ok"] else str(said))
    finally:
        engine.dispose()


def find(url: str, told: Told) -> Findings:
    """Compare what is stored with what was told."""
    return compare(stored(url), told)


def compare(stored: Stored, told: Told) -> Findings:
    hashes = {tokens.digest(id): id for id in told.asked}
    revs = {hashes[client]: rev for client, rev, _ in stored.votes if client in hashes}
    lost = sum(revs.get(id, 0) < rev for id, rev in told.acknowledged.items())
    doubled = len(stored.votes) - len({client for client, _, _ in stored.votes})
    doubled += len(stored.changes) - len({(client, rev) for client, rev, _ in stored.changes})
    made_up = sum(
        client not in hashes or rev > told.asked[hashes[client]] or score != score_of(rev)
        for client, rev, score in [*stored.votes, *stored.changes]
    )
    return Findings(lost, doubled, made_up, stored.wrong_counts, stored.unsound)
