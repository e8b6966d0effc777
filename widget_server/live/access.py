"""Whether a grant still holds: asked when a stream opens, with every batch of events, and now and then (patrol.py)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Connection, Select, bindparam, select

from ..accounts.live_tokens import LiveGrant
from ..accounts.models import LoginSession
from ..conversations.models import Agent, Message
from ..db import table_of
from ..sites.models import Site

#: Fewer than SQLite's limit of bound values in one statement.
AT_ONCE = 500
SESSION, AGENT, SITE, MESSAGE = (table_of(model).c for model in (LoginSession, Agent, Site, Message))
IDS: BindParameter[Any] = bindparam("ids", expanding=True)
# Made once: putting a statement together costs more than running it.
OPEN_SESSIONS = select(SESSION.id).where(
    SESSION.id.in_(IDS), SESSION.ended_at.is_(None), SESSION.expires_at > bindparam("now")
)
KNOWN_AGENTS = select(AGENT.site_id, AGENT.id, AGENT.valid_after).where(AGENT.id.in_(IDS))
KEPT_SITES = select(SITE.id).where(SITE.id.in_(IDS), SITE.removed_at.is_(None))
ANSWERED_IN = (
    select(MESSAGE.conversation_id)
    .where(
        MESSAGE.site_id == bindparam("site_id"),
        MESSAGE.agent_id == bindparam("agent_id"),
        MESSAGE.conversation_id.in_(IDS),
    )
    .distinct()
)


class Standing:
    """What held at one moment, for the grants that it was asked about."""

    def __init__(self, connection: Connection, grants: Collection[LiveGrant], now: datetime) -> None:
        self.now = now
        session_ids = {grant.session_id for grant in grants if grant.session_id}
        agent_ids = {grant.agent_id for grant in grants if grant.agent_id}
        self.sessions = {row[0] for row in found(connection, OPEN_SESSIONS, session_ids, now=now)}
        self.agents = {(row[0], row[1]): row[2] for row in found(connection, KNOWN_AGENTS, agent_ids)}
        self.sites = {row[0] for row in found(connection, KEPT_SITES, {grant.site_id for grant in grants})}

    def __contains__(self, grant: LiveGrant) -> bool:
        """Not expired, its site there, its session open or its agent known and the token not revoked."""
        if grant.expires_at < self.now or grant.site_id not in self.sites:
            return False
        return grant.session_id in self.sessions or self.is_valid_for_agent(grant)

    def is_valid_for_agent(self, grant: LiveGrant) -> bool:
        """The agent is known, and the first token of this line was made after the last time they were revoked."""
        if grant.agent_id is None or (grant.site_id, grant.agent_id) not in self.agents:
            return False
        valid_after = self.agents[grant.site_id, grant.agent_id]
        return valid_after is None or grant.first_at > valid_after


def answered_in(connection: Connection, grant: LiveGrant, conversation_ids: Collection[UUID]) -> set[UUID]:
    """Those of the conversations in which the agent of this grant wrote."""
    rows = found(connection, ANSWERED_IN, conversation_ids, site_id=grant.site_id, agent_id=grant.agent_id)
    return {row[0] for row in rows}


def found(connection: Connection, statement: Select[Any], ids: Collection[UUID], **values: Any) -> Iterable[Any]:
    """The rows of a statement over `ids`, so many at once as a statement takes."""
    every = list(ids)
    for start in range(0, len(every), AT_ONCE):
        yield from connection.execute(statement, {"ids": every[start : start + AT_ONCE], **values})
