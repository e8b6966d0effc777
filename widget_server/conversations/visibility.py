"""The conversations that an agent may see, and from when on, for tokens, the console and streams alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import BindParameter, Connection, Row, Select, bindparam, select

from ..sites.models import Site
from ..storage.db import table_of
from .models import Agent, ConversationAgent

Columns = TypeVarTuple("Columns")
#: Below SQLite's limit of bound values in one statement.
BATCH_SIZE = 500
AGENT, WRITER = table_of(Agent).c, table_of(ConversationAgent).c
IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_in_conversations = (
    select(WRITER.conversation_id)
    .where(WRITER.site_id == bindparam("site_id"), WRITER.conversation_id.in_(IDS))
    .distinct()
)
# Built once, because building a statement costs more than running it.
WRITTEN_BY = _in_conversations.where(WRITER.agent_id == bindparam("agent_id"))
_own_team = (
    select(AGENT.team).where(AGENT.site_id == bindparam("site_id"), AGENT.id == bindparam("agent_id")).scalar_subquery()
)
WRITTEN_BY_TEAM = _in_conversations.where(
    WRITER.agent_id.in_(select(AGENT.id).where(AGENT.site_id == bindparam("site_id"), AGENT.team == _own_team))
)


@dataclass(frozen=True)
class Visibility:
    """The ratings that a site shows to its agents.

    `scope` is one of `sites.service.AGENTS_SEE`; ratings appear `after_days` days after the end of their segment.
    """

    scope: str
    after_days: int

    @property
    def is_live(self) -> bool:
        """Return whether ratings appear at once. Otherwise no event is sent, as it would reveal that a rating came."""
        return self.scope != "none" and self.after_days == 0

    def shows(self, ended_at: datetime | None, now: datetime) -> bool:
        """Return whether the rating of a segment that ended at `ended_at` is visible now. An open segment has none."""
        return ended_at is None or ended_at <= now - timedelta(days=self.after_days)


def visibility_at(site: Site) -> Visibility:
    """Return the ratings that a site shows to its agents."""
    return Visibility(site.agents_see, site.agents_see_after_days)


def filter_visible(
    connection: Connection,
    visibility: Visibility,
    site_id: UUID,
    agent_id: UUID,
    bound: UUID | None,
    conversation_ids: Collection[UUID],
) -> set[UUID]:
    """Return those of the conversations that an agent's token opens.

    `bound` is the conversation in the token, if any: the site's back end allows that one and no other. Without it the
    scope decides: the conversations that the agent wrote in, or the agent's team, or all.
    """
    if visibility.scope == "none":
        return set()
    if bound is not None:
        return {bound} & set(conversation_ids)
    if visibility.scope == "all":
        return set(conversation_ids)
    visible_ids = set(select_ids(connection, WRITTEN_BY, conversation_ids, site_id=site_id, agent_id=agent_id))
    if visibility.scope == "team":
        visible_ids |= set(
            select_ids(connection, WRITTEN_BY_TEAM, conversation_ids, site_id=site_id, agent_id=agent_id)
        )
    return visible_ids


def select_ids(
    connection: Connection, statement: Select[UUID], ids: Collection[UUID], **values: UUID
) -> Iterable[UUID]:
    """Return the single column of a statement over `ids`; see `execute_in_batches`."""
    return (row[0] for row in execute_in_batches(connection, statement, ids, **values))


def execute_in_batches(
    connection: Connection, statement: Select[*Columns], ids: Collection[UUID], **values: UUID | datetime
) -> Iterable[Row[*Columns]]:
    """Yield the rows of a statement over `ids`, executed for `BATCH_SIZE` ids at a time."""
    all_ids = list(ids)
    for start in range(0, len(all_ids), BATCH_SIZE):
        yield from connection.execute(statement, {"ids": all_ids[start : start + BATCH_SIZE], **values})
