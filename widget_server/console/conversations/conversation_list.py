"""The list of conversations: its filters from the address, their labels, and the addresses of other filters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import request, url_for
from sqlalchemy import select

from ...auth.signed_in import may
from ...conversations.agents import find_agent, search_agents
from ...conversations.models import Agent, Conversation
from ...core import clock
from ...core.marked_texts import N_
from ...inbox.conditions import TAGS
from ...inbox.conversation_filter import (
    HISTORY_FILTERS,
    LIST_STATUSES,
    SENTIMENT_FILTERS,
    ConversationFilter,
    parse_filter,
)
from ...inbox.conversation_list import ConversationPage, count_upto, find_conversations
from ...inbox.personal import rows_without_personal
from ...invitations.rules import REASONS
from ...sites.models import Site
from ...storage.db import db
from ...web import cursor
from ...web.translations import translate as _
from ..formatting import CHANNELS
from ..formatting import agent as agent_label

FIRST_ROWS = 40
MORE_ROWS = 60
#: A longer list continues on the next page.
MAX_LIMIT = 220
#: Matching conversations are counted up to this number, because counting all is slow.
MAX_COUNTED = 1000
MAX_UNREAD = 100
UNREAD = ConversationFilter(status="unread")
#: Teams and tags are suggested from the latest conversations.
SUGGESTED_FROM, MAX_SUGGESTIONS = 500, 200
#: The number of agents that are offered when the entered words match several.
MAX_MATCHES = 20

STATUS_TEXTS = (N_("All"), N_("Unread"), N_("Rated"), N_("Negative"), N_("Waiting"), N_("Not asked"))
STATUS_LABELS = dict(zip(LIST_STATUSES, STATUS_TEXTS, strict=True))
SENTIMENT_LABELS = dict(zip(SENTIMENT_FILTERS, (N_("Positive"), N_("Neutral"), N_("Negative")), strict=True))
HISTORY_LABELS = dict(zip(HISTORY_FILTERS, (N_("Recovered"), N_("Asked again after reopening")), strict=True))
LABELS = {
    "status": N_("Status"),
    "q": N_("Comment"),
    "sentiment": N_("Rating"),
    "reason": N_("Reason not asked"),
    "history": N_("History"),
    "agent": N_("Agent"),
    "team": N_("Team"),
    "channel": N_("Channel"),
    "tag": N_("Tag"),
}
CHOICES: dict[str, dict[str, str]] = {
    "status": STATUS_LABELS,
    "sentiment": SENTIMENT_LABELS,
    "reason": REASONS,
    "history": HISTORY_LABELS,
    "channel": CHANNELS,
}


@dataclass(frozen=True)
class Filters:
    """The filters of the address, with their texts and the addresses of other filters."""

    site: Site
    conversation_filter: ConversationFilter
    #: The agent of the filter, or those whom its words match.
    named_agents: Sequence[Agent] = ()

    @property
    def query(self) -> dict[str, str]:
        return self.conversation_filter.active_values()

    def query_with(self, **changes: Any) -> dict[str, Any]:
        return {**self.query, **changes}

    def address(self, **changes: str | int | None) -> str:
        """Return the address of the list with changed filters, from its first row; None removes a filter."""
        return url_for("console.conversations", key=self.site.key, **self.query_with(**changes))

    def of_conversation(self, conversation: str | UUID, **more: str) -> str:
        """Return the address of a conversation beside the filtered list."""
        return url_for("console.conversation", key=self.site.key, conversation=conversation, **self.query_with(**more))

    @property
    def chips(self) -> list[tuple[str, str, str]]:
        """Return (label, text of the value, address without it) of each active filter but the status."""
        names = [name for name in LABELS if name in self.query and name != "status"]
        return [(LABELS[name], self.in_words(name), self.address(**{name: None})) for name in names]

    def in_words(self, name: str) -> str:
        """Return the text of an active filter's value."""
        value = self.query[name]
        if name == "agent":
            return agent_label(self.named_agents[0].name, value) if len(self.named_agents) == 1 else value
        choices = CHOICES.get(name, {})
        return _(choices[value]) if value in choices else value

    @cached_property
    def agents(self) -> dict[str, str]:
        """Return agents' labels by their external ids, in the order of the names, one more than are offered."""
        names = select(Agent.external_id, Agent.name).where(Agent.site_id == self.site.id)
        rows = db.session.execute(names.order_by(Agent.name, Agent.external_id).limit(MAX_SUGGESTIONS + 1)).all()
        return {row.external_id: agent_label(row.name, row.external_id) for row in rows}

    @property
    def has_many_agents(self) -> bool:
        """Return whether the agent is entered, because the site has more agents than a chooser offers."""
        return len(self.agents) > MAX_SUGGESTIONS

    @property
    def agent_matches(self) -> list[tuple[str, str]]:
        """Return (label, address) of each agent that the entered words match, if they match several."""
        if len(self.named_agents) == 1:
            return []
        return [
            (agent_label(match.name, match.external_id), self.address(agent=match.external_id))
            for match in self.named_agents[:MAX_MATCHES]
        ]

    @cached_property
    def offered(self) -> dict[str, list[str]]:
        """Return teams and tags of the latest conversations; the user may enter others."""
        latest = (
            select(Conversation.team, *TAGS)
            .where(Conversation.site_id == self.site.id)
            .order_by(Conversation.latest_at.desc())
            .limit(SUGGESTED_FROM)
        )
        rows = db.session.execute(latest).all()
        return {
            "team": _in_order(row.team for row in rows),
            "tag": _in_order(tag for row in rows for tag in row[1:]),
        }


def translated_choices() -> dict[str, dict[str, str]]:
    """Return the choices of each filter in the language of the page."""
    return {name: {value: _(text) for value, text in choices.items()} for name, choices in CHOICES.items()}


def filters_of(site: Site) -> Filters:
    """Return the filters of the address. For an agent it may have the id, or words that match one agent.

    Raises: Invalid: the address has an unknown value.
    """
    conversation_filter = parse_filter(request.args.to_dict(flat=False))
    named_agents = _find_named(site.id, conversation_filter.agent)
    if len(named_agents) == 1:
        conversation_filter = replace(conversation_filter, agent=named_agents[0].external_id)
    return Filters(site, conversation_filter, named_agents)


def _find_named(site_id: UUID, words: str | None) -> Sequence[Agent]:
    if words is None:
        return ()
    agent = find_agent(site_id, words)
    return search_agents(site_id, words) if agent is None else (agent,)


def list_values(filters: Filters, opened: UUID | None) -> dict[str, Any]:
    """Return the values of the list's template; the opened conversation stays in a list of unread ones."""
    limit = min(max(request.args.get("limit", FIRST_ROWS, type=int), 1), MAX_LIMIT)
    place = request.args.get("cursor") or None
    after = cursor.decode(place)
    site_id, conversation_filter, now = filters.site.id, filters.conversation_filter, clock.now()
    page = find_conversations(
        db.session, site_id, now=now, after=after, limit=limit, conversation_filter=conversation_filter, opened=opened
    )
    if not may("read_personal", filters.site):
        page = replace(page, rows=rows_without_personal(page.rows))
    return {
        "listed": page,
        "count": _count(filters, page, after, opened) if filters.query else None,
        "most_counted": MAX_COUNTED,
        "older": older_rows(page, limit, place),
        "cursor": place,
    }


def _count(filters: Filters, page: ConversationPage, after: cursor.Place | None, opened: UUID | None) -> int:
    """Return the number of matching conversations, at most `MAX_COUNTED`; a list of one page is not read again."""
    if after is None and page.next_place is None and opened is None:
        return len(page.rows)
    return count_upto(db.session, filters.site.id, filters.conversation_filter, clock.now(), MAX_COUNTED)


def unread_of(site: Site) -> str:
    """Return the number of unread conversations as text: empty for none, 99+ at most."""
    count = count_upto(db.session, site.id, UNREAD, clock.now(), MAX_UNREAD)
    return f"{MAX_UNREAD - 1}+" if count == MAX_UNREAD else str(count or "")


def older_rows(page: ConversationPage, limit: int, place: str | None) -> dict[str, Any] | None:
    """Return the arguments of the link to older rows, None at the end: a longer list first, then the next page."""
    if page.next_place is None:
        return None
    if limit < MAX_LIMIT:
        return {"limit": min(limit + MORE_ROWS, MAX_LIMIT), "cursor": place}
    return {"limit": None, "cursor": cursor.encode(page.next_place)}


def _in_order(values: Iterable[str | None]) -> list[str]:
    return sorted({value for value in values if value})[:MAX_SUGGESTIONS]
