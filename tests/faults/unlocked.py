"""A planted fault for a served product: each press on a separate connection, every statement separately."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from tests.serving import Product
from widget_server.storage import group_commit

from . import served

#: The constraints of a vote that decide races.
UNIQUE = re.compile(r"CONSTRAINT (uq_vote_\w+) UNIQUE \([^)]*\)")


def plant(product: Product, url: str, folder: Path) -> None:
    """Remove the lock of a server that is not started yet, and the constraints of its empty table of votes."""
    served.plant(product, folder, "from tests.faults import unlocked; unlocked.take_away_locks()")
    engine = create_engine(url)
    with engine.begin() as connection:
        if url.startswith("sqlite"):
            statements = connection.execute(text("SELECT sql FROM sqlite_master WHERE tbl_name = 'vote' AND sql <> ''"))
            statement_texts = [statement for (statement,) in statements]
            connection.execute(text("DROP TABLE vote"))
            for statement in statement_texts:
                connection.exec_driver_sql(re.sub(rf",\s*{UNIQUE.pattern}", "", statement))
        else:
            query = "SELECT conname FROM pg_constraint WHERE conrelid = 'vote'::regclass AND contype = 'u'"
            for (name,) in connection.execute(text(query)).all():
                connection.execute(text(f"ALTER TABLE vote DROP CONSTRAINT {name}"))
    engine.dispose()


def take_away_locks() -> None:
    """Plant the fault in the process that runs this."""
    group_commit.commit = commit


def commit(engine: Engine, work: Callable[[Connection], Any]) -> Any:
    with by_itself(engine).connect() as connection:
        return work(connection)


@functools.cache
def by_itself(engine: Engine) -> Engine:
    """Return the same database without transactions."""
    if engine.dialect.name != "sqlite":
        return create_engine(make_url(engine.url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    unlocked_engine = create_engine("sqlite://", creator=engine.pool._creator, poolclass=NullPool)
    cast(Any, unlocked_engine.dialect).do_begin = lambda connection: None
    return unlocked_engine
