"""The worker, which runs each periodic job when it is due.

Jobs run one after the other until a stop event is set.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from flask import Flask

from ..storage.db import db

log = logging.getLogger("tilfreds.jobs")

#: The pause between two batches, so that votes that wait for SQLite's single writing connection come first.
PAUSE_SECONDS = 0.02


@dataclass(frozen=True)
class Job:
    """Periodic work, done in short batches.

    Long ones would delay others: a vote waits for SQLite's writing connection, and on PostgreSQL no stream reads past a
    running transaction. `batches` works in the session and yields a number of changed rows where the loop may commit.
    """

    name: str
    every_seconds: float
    batches: Callable[[], Iterator[int]]


def run_once(app: Flask, job: Job, stop: threading.Event | None = None) -> None:
    """Run a job once, each batch in its own transaction, until `stop` is set.

    After a failure the remaining batches wait until the job is next due.
    """
    stop = stop or threading.Event()
    changed_rows = 0
    with app.app_context():
        try:
            for rows in job.batches():
                db.session.commit()
                changed_rows += rows
                if stop.wait(PAUSE_SECONDS):
                    break
            db.session.commit()
        except Exception:  # a failure must not keep the next job from running
            db.session.rollback()
            log.exception("%s failed", job.name)
    if changed_rows:
        log.info("%s: %d", job.name, changed_rows)


def run_forever(app: Flask, jobs: Sequence[Job], stop: threading.Event) -> None:
    """Run each job when it is due, until `stop` is set."""
    due_times = {job.name: time.monotonic() for job in jobs}
    while not stop.is_set():
        for job in jobs:
            if time.monotonic() >= due_times[job.name] and not stop.is_set():
                run_once(app, job, stop)
                due_times[job.name] = time.monotonic() + job.every_seconds
        stop.wait(max(0.0, min(due_times.values()) - time.monotonic()))


def start_thread(app: Flask, jobs: Sequence[Job]) -> threading.Event:
    """Start the worker as a thread of the process that writes to SQLite.

    Return the event that stops it.
    """
    stop = threading.Event()
    threading.Thread(target=run_forever, args=(app, jobs, stop), name="worker", daemon=True).start()
    return stop
