"""Validity of grants, checked when a stream opens, with each batch of events, and periodically (expiry_check.py)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, or_, select

from ..accounts.live_tokens import LiveGrant
from ..accounts.models import ApiKey, LoginSession
from ..conversations.models import Agent
from ..conversations.visibility import IDS, Visibility, execute_in_batches, filter_visible
from ..sites.models import SigningSecret, Site
from ..storage.db import table_of

MODELS = (LoginSession, Agent, Site, SigningSecret, ApiKey)
SESSION, AGENT, SITE, SECRET, API_KEY = (table_of(model).c for model in MODELS)
# Built once, because building a statement costs more than running it.
OPEN_SESSIONS = select(SESSION.id).where(
    SESSION.id.in_(IDS), SESSION.ended_at.is_(None), SESSION.expires_at > bindparam("now")
)
KNOWN_AGENTS = select(AGENT.site_id, AGENT.id, AGENT.valid_after).where(AGENT.id.in_(IDS))
KEPT_SITES = select(SITE.id, SITE.agents_see, SITE.agents_see_after_days, SITE.tokens_valid_after).where(
    SITE.id.in_(IDS), SITE.removed_at.is_(None)
)
RETIRED_SECRETS = select(SECRET.site_id, SECRET.key_id).where(
    SECRET.site_id.in_(IDS), SECRET.retired_at <= bindparam("now")
)
REVOKED_API_KEYS = select(API_KEY.id).where(
    API_KEY.id.in_(IDS), or_(API_KEY.revoked_at.is_not(None), API_KEY.expires_at <= bindparam("now"))
)


class ValidGrants:
    """The subset of some grants that is valid at one moment."""

    def __init__(self, connection: Connection, grants: Collection[LiveGrant], now: datetime) -> None:
        self.now = now
        session_ids = {grant.session_id for grant in grants if grant.session_id}
        agent_ids = {grant.agent_id for grant in grants if grant.agent_id}
        self.sessions = {row[0] for row in execute_in_batches(connection, OPEN_SESSIONS, session_ids, now=now)}
        self.agents = {(row[0], row[1]): row[2] for row in execute_in_batches(connection, KNOWN_AGENTS, agent_ids)}
        site_rows = list(execute_in_batches(connection, KEPT_SITES, {grant.site_id for grant in grants}))
        self.sites = {row[0]: Visibility(row[1], row[2]) for row in site_rows}
        self.sites_valid_after = {row[0]: row[3] for row in site_rows}
        signed_site_ids = {grant.site_id for grant in grants if grant.key_id}
        self.retired = {tuple(row) for row in execute_in_batches(connection, RETIRED_SECRETS, signed_site_ids, now=now)}
        api_key_ids = {grant.api_key_id for grant in grants if grant.api_key_id}
        self.revoked = {row[0] for row in execute_in_batches(connection, REVOKED_API_KEYS, api_key_ids, now=now)}

    def __contains__(self, grant: LiveGrant) -> bool:
        """Return whether the grant is not expired or revoked and its site and session or agent exist."""
        if grant.expires_at < self.now or grant.site_id not in self.sites:
            return False
        if (grant.site_id, grant.key_id) in self.retired or grant.api_key_id in self.revoked:
            return False
        return grant.session_id in self.sessions or self.is_valid_for_agent(grant)

    def is_valid_for_agent(self, grant: LiveGrant) -> bool:
        """Return whether the agent is known and the grant's first token is newer than the last revocation."""
        if grant.agent_id is None or (grant.site_id, grant.agent_id) not in self.agents:
            return False
        return not grant.is_revoked(self.agents[grant.site_id, grant.agent_id], self.sites_valid_after[grant.site_id])

    def sees_current(self, grant: LiveGrant) -> bool:
        """Return whether the grant sees current events; a site may hide ratings from agents, or delay them."""
        return grant.agent_id is None or (grant.site_id in self.sites and self.sites[grant.site_id].is_live)

    def find_visible(self, connection: Connection, grant: LiveGrant, conversation_ids: Collection[UUID]) -> set[UUID]:
        """Return the subset of the conversations whose events an agent's grant may see."""
        if grant.agent_id is None or not self.sees_current(grant):
            return set()
        visibility = self.sites[grant.site_id]
        return filter_visible(
            connection, visibility, grant.site_id, grant.agent_id, grant.conversation_id, conversation_ids
        )
