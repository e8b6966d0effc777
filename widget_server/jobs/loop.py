"""The worker: runs each periodic job when it is due, one after the other, until it is told to stop."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from flask import Flask

from ..storage.db import db

log = logging.getLogger("tilfreds.jobs")

#: Between two batches, so that votes which wait for SQLite's one writing connection come first.
PAUSE_SECONDS = 0.02


@dataclass(frozen=True)
class Job:
    """Work done every so often, in batches that hold up nobody: a vote waits for SQLite's writing connection, and on
    PostgreSQL no stream reads past a transaction that still runs.

    `batches` works in the session and yields where the loop may commit, each time with how many rows it touched.
    """

    name: str
    every_seconds: float
    batches: Callable[[], Iterator[int]]


def run_once(app: Flask, job: Job, stop: threading.Event | None = None) -> None:
    """Run a job once, each batch in its own transaction, until `stop` is set.

    After a failure the rest waits until the job is next due.
    """
    stop = stop or threading.Event()
    touched = 0
    with app.app_context():
        try:
            for rows in job.batches():
                db.session.commit()
                touched += rows
                if stop.wait(PAUSE_SECONDS):
                    break
            db.session.commit()
        except Exception:  # the next job must run whatever went wrong in this one
            db.session.rollback()
            log.exception("%s failed", job.name)
    if touched:
        log.info("%s: %d", job.name, touched)


def run_forever(app: Flask, jobs: Sequence[Job], stop: threading.Event) -> None:
    """Run what is due until `stop` is set."""
    due = {job.name: time.monotonic() for job in jobs}
    while not stop.is_set():
        for job in jobs:
            if time.monotonic() >= due[job.name] and not stop.is_set():
                run_once(app, job, stop)
                due[job.name] = time.monotonic() + job.every_seconds
        stop.wait(max(0.0, min(due.values()) - time.monotonic()))


def start_thread(app: Flask, jobs: Sequence[Job]) -> threading.Event:
    """The worker as a thread of the one process that writes to SQLite; setting the event ends it."""
    stop = threading.Event()
    threading.Thread(target=run_forever, args=(app, jobs, stop), name="worker", daemon=True).start()
    return stop
