"""A web process that is killed at one step of a vote, once, and an outbox outside the vote's transaction."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from widget_server.ratings import service
from widget_server.storage import group_commit

STEPS = ("before the commit", "before the answer")


def die_at(step: str, sign: Path) -> None:
    """End this process at once if the sign file exists and names this step."""
    if sign.exists() and sign.read_text() == step:
        sign.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def obey(sign: Path) -> None:
    """End the process once at the step that the sign file names."""
    commit = group_commit.commit

    def dying(engine: Engine, work: Callable[[Connection], Any]) -> Any:
        def worked(connection: Connection) -> Any:
            result = work(connection)
            die_at("before the commit", sign)
            return result

        answer = commit(engine, worked)
        die_at("before the answer", sign)
        return answer

    group_commit.commit = dying


def publish_later() -> None:
    """Write the event in a separate transaction, after the vote's."""
    assert callable(service.publish)  # type: ignore[attr-defined]
    publish, commit = service.publish, group_commit.commit  # type: ignore[attr-defined]
    later: list[Callable[[Connection], Any]] = []

    def put_off(_connection: Connection, *values: Any, **more: Any) -> None:
        later.append(lambda connection: publish(connection, *values, **more))

    def committed(engine: Engine, work: Callable[[Connection], Any]) -> Any:
        answer = commit(engine, work)
        while later:
            commit(engine, later.pop())
        return answer

    service.publish = put_off  # type: ignore[assignment,attr-defined]
    group_commit.commit = committed
