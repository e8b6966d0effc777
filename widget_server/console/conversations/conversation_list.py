"""What the list of conversations shows and offers: its filters out of the address, and the addresses of others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import request, url_for
from sqlalchemy import select

from ...conversations.models import Agent, Conversation
from ...core import clock
from ...inbox.conditions import TAGS
from ...inbox.conversation_filter import (
    HISTORY_FILTERS,
    LIST_STATUSES,
    SENTIMENT_FILTERS,
    ConversationFilter,
    parse_filter,
)
from ...inbox.conversation_list import ConversationPage, count_upto
from ...inbox.conversation_list import conversations as list_conversations
from ...invitations.rules import REASONS
from ...sites.models import Site
from ...storage.db import db
from ...web import cursor
from ..formatting import CHANNELS

FIRST = 40
MORE = 60
#: From here on the list goes on in pages instead of growing.
MAX_LIMIT = 220
#: Up to here it is counted how many fit.
MAX_COUNTED = 1000
#: From here on it is not said how many are unread.
MAX_UNREAD = 100
UNREAD = ConversationFilter(status="unread")
#: From how many of the latest conversations teams and tags are offered, and how many agents.
OFFERED_FROM, MAX_OFFERED = 500, 200

STATUS_LABELS = dict(zip(LIST_STATUSES, ("All", "Unread", "Rated", "Negative", "Waiting", "Not asked"), strict=True))
SENTIMENT_LABELS = dict(zip(SENTIMENT_FILTERS, ("Positive", "Neutral", "Negative"), strict=True))
HISTORY_LABELS = dict(zip(HISTORY_FILTERS, ("Recovered", "Asked again after reopening"), strict=True))
LABELS = {
    "status": "Status",
    "q": "Comment",
    "sentiment": "Rating",
    "reason": "Reason not asked",
    "history": "History",
    "agent": "Agent",
    "team": "Team",
    "channel": "Channel",
    "tag": "Tag",
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
    """The filters of the address, in words, and how to come to others."""

    site: Site
    conversation_filter: ConversationFilter

    @property
    def query(self) -> dict[str, str]:
        return self.conversation_filter.active_values()

    def query_with(self, **changes: Any) -> dict[str, Any]:
        return {**self.query, **changes}

    def address(self, **changes: str | int | None) -> str:
        """The list with these filters changed; None takes one away. It begins again with the latest."""
        return url_for("console.conversations", key=self.site.key, **self.query_with(**changes))

    def of_conversation(self, conversation: str | UUID, **more: str) -> str:
        """A conversation beside the list as it is narrowed."""
        return url_for("console.conversation", key=self.site.key, conversation=conversation, **self.query_with(**more))

    @property
    def chips(self) -> list[tuple[str, str, str]]:
        """Each that is set apart from what to show: its label, its value in words, the address without it."""
        names = [name for name in LABELS if name in self.query and name != "status"]
        return [(LABELS[name], self.in_words(name), self.address(**{name: None})) for name in names]

    def in_words(self, name: str) -> str:
        value = self.query[name]
        return self.agents.get(value, value) if name == "agent" else CHOICES.get(name, {}).get(value, value)

    @cached_property
    def agents(self) -> dict[str, str]:
        """By the owner's id, in the order of their names."""
        named = select(Agent.external_id, Agent.name).where(Agent.site_id == self.site.id)
        found = db.session.execute(named.order_by(Agent.name, Agent.external_id).limit(MAX_OFFERED)).all()
        return {row.external_id: row.name for row in found}

    @cached_property
    def offered(self) -> dict[str, list[str]]:
        """Teams and tags of the latest conversations; others may be written."""
        latest = (
            select(Conversation.team, *TAGS)
            .where(Conversation.site_id == self.site.id)
            .order_by(Conversation.latest_at.desc())
            .limit(OFFERED_FROM)
        )
        rows = db.session.execute(latest).all()
        return {
            "team": _in_order(row.team for row in rows),
            "tag": _in_order(tag for row in rows for tag in row[1:]),
        }


def filters_of(site: Site) -> Filters:
    """As the address asks; a word that nobody knows is refused."""
    return Filters(site, parse_filter(request.args.to_dict(flat=False)))


def listing(filters: Filters, opened: UUID | None) -> dict[str, Any]:
    """What the list shows beside the conversation that is open."""
    limit = min(max(request.args.get("limit", FIRST, type=int), 1), MAX_LIMIT)
    place = request.args.get("cursor") or None
    after = cursor.decode(place)
    site_id, conversation_filter, now = filters.site.id, filters.conversation_filter, clock.now()
    found = list_conversations(
        db.session, site_id, now=now, after=after, limit=limit, conversation_filter=conversation_filter, opened=opened
    )
    is_narrowed = bool(filters.query)
    return {
        "listed": found,
        "count": count_upto(db.session, site_id, conversation_filter, now, MAX_COUNTED) if is_narrowed else None,
        "most_counted": MAX_COUNTED,
        "older": older(found, limit, place),
        "cursor": place,
    }


def unread_of(site: Site) -> str:
    """How many conversations hold an answer that nobody has looked at, as a page shows it; empty for none."""
    count = count_upto(db.session, site.id, UNREAD, clock.now(), MAX_UNREAD)
    return f"{MAX_UNREAD - 1}+" if count == MAX_UNREAD else str(count or "")


def older(found: ConversationPage, limit: int, place: str | None) -> dict[str, Any] | None:
    """How to see more: the same list longer, until it is long enough to be continued on a page of its own."""
    if found.next_place is None:
        return None
    if limit < MAX_LIMIT:
        return {"limit": min(limit + MORE, MAX_LIMIT), "cursor": place}
    return {"limit": None, "cursor": cursor.encode(found.next_place)}


def _in_order(values: Iterable[str | None]) -> list[str]:
    return sorted({value for value in values if value})[:MAX_OFFERED]
