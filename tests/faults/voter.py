"""The program that crash tests kill: the application in a separate process with readers who vote, or a migration.

It reads jobs as lines of JSON. For each it forks a child, prints the child's id, and at its end its status; a child
starts when it receives SIGUSR1. The children write their requests and answers into the job's journal.
"""

from __future__ import annotations

import ctypes
import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import event

from tests.factories import ORIGIN
from tests.faults.migrating import migrate
from tests.faults.planted_faults import PLANTS
from tests.serving import UNLIMITED
from tests.widget.conftest import press_id
from widget_server import create_app
from widget_server.core.config import Config
from widget_server.storage.engines import Engines

SECRET_KEY = b"9f3Kq7Zt2LxW8vRm4YbN6cHd1PjS5gUa"
#: All readers rate this many articles at once.
ARTICLES = 5
#: Each reader presses twice; the second answer corrects the first.
SAVES = 2
BUSY = 503
#: From linux/prctl.h.
PR_SET_PTRACER, ANYONE = 0x59616D61, ctypes.c_ulong(-1)
BUSY_SECONDS = 0.02


def config_of(job: dict[str, Any]) -> Config:
    return Config(
        data_dir=Path(job["folder"]),
        database_url=job["url"],
        secret_keys=(SECRET_KEY,),
        public_url="http://localhost",
        **UNLIMITED,
    )


def score_of(rev: int) -> int:
    return 1 + rev % 3


class Journal:
    """A journal with a line for each event, written before the next one; short lines are never mixed."""

    def __init__(self, path: str) -> None:
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def write(self, *words: object) -> None:
        os.write(self.file, (" ".join(map(str, words)) + "\n").encode())


class Reader(threading.Thread):
    """A reader who presses and, as the widget does, retries until a success."""

    def __init__(self, client: Any, job: dict[str, Any], journal: Journal, again: list[tuple[str, int]]) -> None:
        super().__init__()
        self.client = client
        self.job, self.journal, self.again = job, journal, again
        self.tries = job.get("tries")

    def run(self) -> None:
        for id, rev in self.presses():
            self.journal.write("asks", id, rev)
            while self.has_tries() and self.send(id, rev) == BUSY:
                time.sleep(BUSY_SECONDS)
            if not self.has_tries():
                return

    def presses(self) -> Iterator[tuple[str, int]]:
        yield from self.again
        while True:
            id = press_id()
            for rev in range(1, SAVES + 1):
                yield id, rev

    def has_tries(self) -> bool:
        return self.tries is None or self.tries > 0

    def send(self, id: str, rev: int) -> int:
        if self.tries is not None:
            self.tries -= 1
        article = f"/a{random.Random(id).randrange(ARTICLES)}"
        body = {"kind": "article", "subject": article, "id": id, "rev": rev, "age_ms": 0, "score": score_of(rev)}
        answer = self.client.post(
            f"/w/{self.job['key']}/votes", json={**body, "revision": self.job["revision"]}, headers={"Origin": ORIGIN}
        )
        self.journal.write("told", id, rev, answer.status_code, answer.headers.get("Retry-After", "-"))
        if answer.status_code >= 500 and self.job.get("watches"):
            self.journal.write("ready", self.client.get("/health/ready").status_code)
        return answer.status_code


def vote(job: dict[str, Any]) -> None:
    """Vote with many threads at once, until their tries are used up or the process is killed."""
    app = create_app(config_of(job))
    engines: Engines = app.extensions["tilfreds_engines"]
    if "checkpoint_pages" in job:
        pages = f"PRAGMA wal_autocheckpoint = {int(job['checkpoint_pages'])}"
        event.listen(engines.write, "connect", lambda connection, record: connection.execute(pages))
    if job.get("plant"):
        PLANTS[job["plant"]](engines)
    if job.get("watched"):
        # As the live process does: a reader keeps the log from being deleted when the writer ends.
        watching = engines.read.connect()
        watching.exec_driver_sql("SELECT count(*) FROM vote").scalar_one()
        watching.rollback()
    journal = Journal(job["journal"])
    again = [(id, rev) for id, rev in job.get("again", [])]
    readers = [Reader(app.test_client(), job, journal, again[n :: job["readers"]]) for n in range(job["readers"])]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()


def do(job: dict[str, Any]) -> None:
    if "migrate" in job:
        migrate(job)
    else:
        vote(job)


def be_traced() -> None:
    """Allow tracing by the same user; Yama otherwise allows it only to a parent."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PTRACER, ANYONE)


def end_with_the_tests() -> None:
    """Wait for the end of the parent: no one writes to the pipe while a child lives."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


def main() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            be_traced()
            threading.Thread(target=end_with_the_tests, daemon=True).start()
            signal.sigwait([signal.SIGUSR1])
            do(json.loads(line))
            os._exit(0)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
