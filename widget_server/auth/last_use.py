"""Store when a session or an API key was last used."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from ..storage import group_commit
from ..storage.db import db, engines
from .principal import Access

log = logging.getLogger("tilfreds.access")


def store_last_use(
    touch: Callable[[Connection, UUID, datetime], None], row_id: UUID, now: datetime, access: Access
) -> None:
    """Store a last use: in the transaction of a view that writes, else separately.

    The request is more important, so an unavailable database is only logged.
    """
    if access == "write":
        touch(db.session.connection(), row_id, now)
        return
    try:
        group_commit.commit(engines().write, lambda connection: touch(connection, row_id, now))
    except SQLAlchemyError as error:
        log.warning("the time of a last use is not stored: %s", type(error).__name__)
