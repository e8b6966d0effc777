"""The worker: runs each periodic job when it is due, one after the other, until it is told to stop."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Flask

from ..db import db

log = logging.getLogger("tilfreds.jobs")


@dataclass(frozen=True)
class Job:
    """Work done every so often. `run` works in the session; the loop commits. It returns how many rows it touched."""

    name: str
    every_seconds: float
    run: Callable[[], int]


def run_once(app: Flask, job: Job) -> None:
    """One run in a transaction of its own; a failure is logged and tried again when it is next due."""
    with app.app_context():
        try:
            touched = job.run()
            db.session.commit()
        except Exception:  # the next job must run whatever went wrong in this one
            db.session.rollback()
            log.exception("%s failed", job.name)
            return
    if touched:
        log.info("%s: %d", job.name, touched)


def run_forever(app: Flask, jobs: Sequence[Job], stop: threading.Event) -> None:
    """Run what is due until `stop` is set."""
    due = {job.name: time.monotonic() for job in jobs}
    while not stop.is_set():
        for job in jobs:
            if time.monotonic() >= due[job.name] and not stop.is_set():
                run_once(app, job)
                due[job.name] = time.monotonic() + job.every_seconds
        stop.wait(max(0.0, min(due.values()) - time.monotonic()))


def start_thread(app: Flask, jobs: Sequence[Job]) -> threading.Event:
    """The worker as a thread of the one process that writes to SQLite; setting the event ends it."""
    stop = threading.Event()
    threading.Thread(target=run_forever, args=(app, jobs, stop), name="worker", daemon=True).start()
    return stop
