"""Which conversations an agent's token opens, and from when on: the one place that knows, for pages and for streams."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import BindParameter, Connection, Row, Select, bindparam, select

from ..storage.db import table_of
from .models import Agent, Message

Columns = TypeVarTuple("Columns")
#: Fewer than SQLite's limit of bound values in one statement.
AT_ONCE = 500
AGENT, MESSAGE = table_of(Agent).c, table_of(Message).c
IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_there = (
    select(MESSAGE.conversation_id)
    .where(MESSAGE.site_id == bindparam("site_id"), MESSAGE.conversation_id.in_(IDS))
    .distinct()
)
# Made once: putting a statement together costs more than running it.
WRITTEN_BY = _there.where(MESSAGE.agent_id == bindparam("agent_id"))
_own_team = (
    select(AGENT.team).where(AGENT.site_id == bindparam("site_id"), AGENT.id == bindparam("agent_id")).scalar_subquery()
)
WRITTEN_BY_TEAM = _there.where(
    MESSAGE.agent_id.in_(select(AGENT.id).where(AGENT.site_id == bindparam("site_id"), AGENT.team == _own_team))
)


@dataclass(frozen=True)
class Visibility:
    """What a site lets its agents see: `sites.service.AGENTS_SEE`, and how many days after the end of a part."""

    whose: str
    after_days: int

    @property
    def is_live(self) -> bool:
        """Where ratings come days later nothing of now is told, not even that something happened."""
        return self.whose != "none" and self.after_days == 0

    def shows(self, ended_at: datetime | None, now: datetime) -> bool:
        """Whether the rating of a part that ended then is seen by now; a part that goes on has none to hide."""
        return ended_at is None or ended_at <= now - timedelta(days=self.after_days)


def opened_to(
    connection: Connection,
    visibility: Visibility,
    site_id: UUID,
    agent_id: UUID,
    bound: UUID | None,
    conversation_ids: Collection[UUID],
) -> set[UUID]:
    """Those of the conversations that the token of this agent opens; `bound` is the one that it names, if any.

    For that one the owner's back end vouches; of others it opens what the agent wrote in, or the team, or all.
    """
    if visibility.whose == "none":
        return set()
    if bound is not None:
        return {bound} & set(conversation_ids)
    if visibility.whose == "all":
        return set(conversation_ids)
    found = set(ids_of(connection, WRITTEN_BY, conversation_ids, site_id=site_id, agent_id=agent_id))
    if visibility.whose == "team":
        found |= set(ids_of(connection, WRITTEN_BY_TEAM, conversation_ids, site_id=site_id, agent_id=agent_id))
    return found


def ids_of(connection: Connection, statement: Select[UUID], ids: Collection[UUID], **values: UUID) -> Iterable[UUID]:
    return (row[0] for row in rows_of(connection, statement, ids, **values))


def rows_of(
    connection: Connection, statement: Select[*Columns], ids: Collection[UUID], **values: UUID | datetime
) -> Iterable[Row[*Columns]]:
    """The rows of a statement over `ids`, so many at once as a statement takes."""
    every = list(ids)
    for start in range(0, len(every), AT_ONCE):
        yield from connection.execute(statement, {"ids": every[start : start + AT_ONCE], **values})
