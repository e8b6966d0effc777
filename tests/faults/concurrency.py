"""Readers in a process that may be killed at any moment, the answers they received, and a check of their truth."""

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
    """A database with a site whose articles are rated; `job` holds the settings of a voter."""

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
    """Add a site, an agent and a survey to a migrated database, and close it."""
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
        """Start a child that waits for `go`, and return its id."""
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
        """Return the child's status after it has ended."""
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
    new_voter = Voter(folder / "errors")
    try:
        yield new_voter
    finally:
        new_voter.end()


@dataclass
class ReaderLog:
    """The contents of the journal. A reader's submissions are numbered, so the highest number represents all."""

    sent_revs: dict[str, int] = field(default_factory=dict)
    acknowledged: dict[str, int] = field(default_factory=dict)
    last: Press | None = None
    #: The number of answers by status, without successes.
    refused: Counter[int] = field(default_factory=Counter)
    refused_without_wait: int = 0
    readiness: Counter[int] = field(default_factory=Counter)

    def add(self, line: str) -> None:
        match line.split():
            case ["asks", id, rev]:
                self.sent_revs[id] = max(int(rev), self.sent_revs.get(id, 0))
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
        return [(id, rev) for id, rev in self.sent_revs.items() if self.acknowledged.get(id, 0) < rev]

    @property
    def to_send_again(self) -> list[Press]:
        """Return the votes to repeat: as a browser that never received the answer, and one whose answer was lost."""
        return [*self.unanswered, *([self.last] if self.last else [])]


def read_log(journal: Path) -> ReaderLog:
    reader_log = ReaderLog()
    for line in journal.read_text().splitlines():
        reader_log.add(line)
    return reader_log


@dataclass(frozen=True)
class Findings:
    """The errors of a database after a crash; all are zero or empty in a correct product."""

    lost_count: int
    doubled: int
    #: Votes that no reader sent, or not with this score.
    made_up: int
    wrong_counts: int
    unsound: str

    def __bool__(self) -> bool:
        return any((self.lost_count, self.doubled, self.made_up, self.wrong_counts, self.unsound))


#: A reader's row is identified by the hash of the browser's id; each stored submission has a row in the history.
VOTES = "SELECT client_hash, rev, score FROM vote"
CHANGES = "SELECT client_hash, rev, score FROM vote_change"
SavedRow = tuple[str, int, int]


@dataclass(frozen=True)
class Stored:
    """The contents of a database at one moment."""

    votes: list[SavedRow]
    changes: list[SavedRow]
    wrong_counts: int
    unsound: str


def stored(url: str) -> Stored:
    is_sqlite = url.startswith("sqlite:")
    engine = create_engine(url) if is_sqlite else create_engine(url, isolation_level="REPEATABLE READ")
    try:
        with engine.connect() as connection:
            results = connection.execute(text("PRAGMA integrity_check")).scalars().all() if is_sqlite else ["ok"]
            votes = [(client, rev, score) for client, rev, score in connection.execute(text(VOTES))]
            changes = [(client, rev, score) for client, rev, score in connection.execute(text(CHANGES))]
            return Stored(votes, changes, len(differences(connection)), "" if results == ["ok"] else str(results))
    finally:
        engine.dispose()


def find(url: str, reader_log: ReaderLog) -> Findings:
    """Compare the stored votes with the answers that readers received."""
    return compare(stored(url), reader_log)


def compare(stored: Stored, reader_log: ReaderLog) -> Findings:
    hashes = {tokens.digest(id): id for id in reader_log.sent_revs}
    revs = {hashes[client]: rev for client, rev, _ in stored.votes if client in hashes}
    lost_count = sum(revs.get(id, 0) < rev for id, rev in reader_log.acknowledged.items())
    doubled = len(stored.votes) - len({client for client, _, _ in stored.votes})
    doubled += len(stored.changes) - len({(client, rev) for client, rev, _ in stored.changes})
    made_up = sum(
        client not in hashes or rev > reader_log.sent_revs[hashes[client]] or score != score_of(rev)
        for client, rev, score in [*stored.votes, *stored.changes]
    )
    return Findings(lost_count, doubled, made_up, stored.wrong_counts, stored.unsound)
