"""The group "Agents and teams": who gets the credit for a rating, and who sees it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import request
from sqlalchemy import select

from ...accounts.models import Membership, User
from ...conversations.agents import count_agents, search_agents
from ...conversations.models import Agent
from ...core.marked_texts import N_
from ...sites.models import Site
from ...storage.db import db
from .group import Group
from .setting import Setting

MAX_QUERY_LENGTH = 100
MAX_AGENTS = 50


def agent_values(site: Site) -> dict[str, Any]:
    """Return the agents that a search finds, up to `MAX_AGENTS` of them."""
    words = request.args.get("agent", "").strip()[:MAX_QUERY_LENGTH]
    agents = search_agents(site.id, words)
    return {
        "words_of_agent": words,
        "agents": agents[:MAX_AGENTS],
        "accounts": find_accounts(site.id, agents[:MAX_AGENTS]),
        "agent_problem": None,
        "agent_count": len(agents),
        "has_agents": bool(agents) or count_agents(site.id) > 0,
    }


def find_accounts(site_id: UUID, agents: Sequence[Agent]) -> dict[UUID, str]:
    """Return the address of the user who is each agent: whom an owner named, else who has the agent's address."""
    agent_ids = [agent.id for agent in agents]
    emails = {agent.email: agent.id for agent in agents if agent.email}
    by_email = db.session.scalars(select(User.email).where(User.email.in_(emails), User.disabled_at.is_(None)))
    accounts = {emails[email]: email for email in by_email}
    query = select(Membership.agent_id, User.email).join(User, User.id == Membership.user_id)
    query = query.where(Membership.site_id == site_id, Membership.agent_id.in_(agent_ids), User.disabled_at.is_(None))
    return accounts | {agent_id: email for agent_id, email in db.session.execute(query) if agent_id}


AGENTS = Group(
    "agents",
    N_("Agents and teams"),
    N_("Which agents are credited with a rating, and which ratings people see."),
    (
        Setting(
            "credit",
            N_("Credit"),
            N_("Decides for which agents of a chat a rating counts; earlier questions keep theirs."),
            N_("All agents of the chat"),
            "chat_end",
            "choice",
            {
                "all": N_("All agents of the chat"),
                "closer": N_("The agent who closed it"),
                "last": N_("The agent who wrote last"),
            },
        ),
        Setting(
            "agents_see",
            N_("Ratings that an agent sees"),
            N_("Decides which conversations an agent's page in your helpdesk opens."),
            N_("Their own"),
            "helpdesk",
            "choice",
            {"own": N_("Their own"), "team": N_("Those of their team"), "all": N_("All"), "none": N_("None")},
        ),
        Setting(
            "agents_see_after_days",
            N_("Days until an agent sees a rating"),
            N_("Days after the end of the chat, 0 to 365; a delay hides from an agent who gave a rating."),
            "0",
            "helpdesk",
            "number",
        ),
        Setting(
            "analysts_see_personal",
            N_("Analysts see visitors"),
            N_("Show analysts the names, contacts, messages and screenshots of visitors."),
            N_("Off"),
            "console",
            "switch",
        ),
    ),
    template="console/settings_agents.html",
    values=agent_values,
)
