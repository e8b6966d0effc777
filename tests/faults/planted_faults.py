"""Faults to put into the product, so that a harness can show that it would find them."""

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

#: What an early answer is ahead of its commit.
EARLY_SECONDS = 0.02


def answer_early(engines: Engines) -> None:
    """The answer goes out before the commit."""
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
    """SQLite flushes its log only before it moves it into the file."""
    event.listen(engines.write, "connect", lambda driver, record: driver.execute("PRAGMA synchronous = NORMAL"))


def carry_on(engines: Engines) -> None:
    """A connection whose flush failed is used on."""
    sqlite.DISK_ERRORS = ()


PLANTS: dict[str, Callable[[Engines], None]] = {
    "early": answer_early,
    "seldom": flush_seldom,
    "carry on": carry_on,
}
