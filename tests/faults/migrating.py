"""A migration whose process is killed before one of its statements."""

from __future__ import annotations

import itertools
import os
import signal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from tests.storage.later_migration import config_with_later
from widget_server.migrations import run


def migrate(job: dict[str, Any]) -> None:
    """Migrate the database of `job` "up" or "down", and die before the statement of that number."""
    if job["is_planted"]:
        event.listen(Engine, "after_cursor_execute", commit)
    numbers = itertools.count(1)

    def die(*_: Any) -> None:
        if next(numbers) == job["statement"]:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", die)
    config = config_with_later(Path(job["later"]))
    run.alembic_config = lambda: config
    if job["migrate"] == "up":
        run.upgrade(job["url"])
    else:
        run.downgrade(job["url"], run.BASE)


def commit(connection: Connection, *_: Any) -> None:
    """Commit each statement separately, as a database without transactional DDL does."""
    connection.connection.driver_connection.commit()  # type: ignore[union-attr]
