"""Faults to plant in the product, so that a test can show that it would find them."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from sqlalchemy import Connection, Engine, event

from widget_server.storage import group_commit, sqlite
from widget_server.storage.engines import Engines

#: The time between an early answer and its commit.
EARLY_SECONDS = 0.02


def answer_early(engines: Engines) -> None:
    """Answer before the commit."""
    turn = threading.Lock()

    def commit(engine: Engine, work: Callable[[Connection], Any]) -> Any:
        answer: Future[Any] = Future()

        def run() -> None:
            try:
                with turn, engine.begin() as connection:
                    answer.set_result(work(connection))
                    time.sleep(EARLY_SECONDS)
            except Exception as error:
                if not answer.done():
                    answer.set_exception(error)

        threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True).start()
        return answer.result()

    group_commit.commit = commit


def flush_seldom(engines: Engines) -> None:
    """Let SQLite flush its log only before a checkpoint."""
    event.listen(engines.write, "connect", lambda driver, record: driver.execute("PRAGMA synchronous = NORMAL"))


def carry_on(engines: Engines) -> None:
    """Keep using a connection whose flush failed."""
    sqlite.DISK_ERRORS = ()


PLANTS: dict[str, Callable[[Engines], None]] = {
    "early": answer_early,
    "seldom": flush_seldom,
    "carry on": carry_on,
}
