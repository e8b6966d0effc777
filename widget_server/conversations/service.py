"""Writes of agents, conversations and segments. Flushes, never commits.

`invitations/` decides whether to ask about a segment.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import InvalidRequestError

from ..core import clock, tokens
from ..core.errors import Conflict, Invalid
from ..events.publish import publish
from ..sites.models import Site
from ..storage.db import db
from ..storage.group_commit import LostRace
from ..storage.prepared import Transaction
from ..visitors.models import Visitor
from .models import Agent, Conversation, Segment
from .queries import find_by_browser, find_conversation

#: The fields that the back end may set and change.
FIELDS = (
    "title",
    "channel",
    "customer_reference",
    "case_type",
    "product_area",
    "touchpoint",
    "team",
    "language",
    "page",
    "custom_fields",
    "queued_at",
    "accepted_at",
    "escalated_at",
)
MAX_CUSTOM_FIELDS = 20


def put_agent(site: Site, external_id: str, **changes: Any) -> Agent:
    """Create or change an agent. `visitor_external_id` is their id as a visitor: staff never vote.

    Raises: Conflict: another agent of the site has the e-mail address.
    """
    if changes.get("email") is not None:
        changes["email"] = changes["email"].lower() or None
        _check_email_is_free(site.id, external_id, changes["email"])
    agent = db.session.scalars(
        select(Agent).where(Agent.site_id == site.id, Agent.external_id == external_id)
    ).one_or_none()
    if agent is None:
        agent = Agent(site_id=site.id, external_id=external_id, name=external_id, created_at=clock.now())
        db.session.add(agent)
    for name, value in changes.items():
        setattr(agent, name, value)
    db.session.flush()
    return agent


def _check_email_is_free(site_id: UUID, external_id: str, email: str | None) -> None:
    if email is None:
        return
    query = select(Agent.external_id).where(Agent.site_id == site_id, Agent.email == email)
    other_id = db.session.scalar(query.where(Agent.external_id != external_id))
    if other_id is not None:
        raise Conflict(f"Agent {other_id} has this e-mail address; remove it there first.", code="email_taken")


def revoke_tokens(agent: Agent) -> None:
    """Revoke the live tokens that this agent has, which also ends their open streams."""
    agent.valid_after = clock.now()
    db.session.flush()


def is_staff(transaction: Transaction, site_id: UUID, visitor_external_id: str) -> bool:
    """Return whether this visitor is one of the site's agents, as its back end said."""
    query = select(Agent.id).where(Agent.site_id == site_id, Agent.visitor_external_id == visitor_external_id).limit(1)
    return transaction.execute(query).first() is not None


def is_of_staff(transaction: Transaction, site_id: UUID, conversation_id: UUID) -> bool:
    """Return whether the visitor of a conversation is one of the site's agents, as its back end says now."""
    query = (
        select(Agent.id)
        .join(Visitor, (Visitor.site_id == Agent.site_id) & (Visitor.external_id == Agent.visitor_external_id))
        .join(Conversation, (Conversation.site_id == Visitor.site_id) & (Conversation.visitor_id == Visitor.id))
        .where(Conversation.site_id == site_id, Conversation.id == conversation_id)
        .limit(1)
    )
    return transaction.execute(query).first() is not None


def make_conversation(site: Site, **values: Any) -> Conversation:
    """Create a conversation with its first segment open."""
    now = clock.now()
    conversation = Conversation(
        site_id=site.id, created_at=now, latest_at=now, **{"channel": "chat", "custom_fields": {}, **values}
    )
    db.session.add(conversation)
    db.session.flush()
    open_segment(conversation, [], now)
    return conversation


def change_conversation(conversation: Conversation, fields: Mapping[str, Any], visitor: Visitor | None = None) -> None:
    """Set these fields and keep the others. Raises `Invalid` for an unknown field or too many custom fields."""
    custom_fields = fields.get("custom_fields") or {}
    if len(custom_fields) > MAX_CUSTOM_FIELDS:
        raise Invalid(f"Too many custom fields: send at most {MAX_CUSTOM_FIELDS}.", pointer="/custom_fields")
    for name, value in fields.items():
        if name not in FIELDS:
            raise Invalid(f"Unknown field {name}. Use one of {', '.join(FIELDS)}.", pointer=f"/{name}")
        setattr(conversation, name, value)
    if visitor is not None:
        conversation.visitor_id = visitor.id
    publish_change(conversation)


def put_conversation(
    site: Site, external_id: str, fields: Mapping[str, Any], *, visitor: Visitor | None, browser_hash: str | None
) -> Conversation:
    """Create or change a conversation of the back end.

    A conversation that this browser only claimed becomes it. Raises `Conflict` if the browser belongs to another one.
    """
    conversation = find_conversation(site.id, external_id)
    claimed_conversation = find_by_browser(site.id, browser_hash) if browser_hash else None
    if (
        claimed_conversation is not None
        and claimed_conversation is not conversation
        and claimed_conversation.external_id is not None
    ):
        raise Conflict(
            "The browser belongs to another conversation. Send the secret that the page made when this chat started.",
            code="browser_taken",
        )
    if conversation is None and claimed_conversation is not None:
        conversation = claimed_conversation
        conversation.external_id = external_id
    elif conversation is None:
        conversation = make_conversation(site, external_id=external_id, browser_hash=browser_hash)
    elif claimed_conversation is None and browser_hash is not None:
        conversation.browser_hash = browser_hash
    change_conversation(conversation, fields, visitor)
    db.session.flush()
    return conversation


def hash_erased_browser(browser_hash: str) -> str:
    """Return what an erased conversation holds in place of the hash of its browser's secret."""
    return tokens.digest(f"erased:{browser_hash}")


def lock_conversation(conversation: Conversation) -> None:
    """Lock and reload a conversation until the transaction ends.

    Inserts of rows that refer to it do not wait, as the lock leaves its key free. Raises `LostRace` if it was merged
    into another conversation.
    """
    try:
        db.session.refresh(conversation, with_for_update={"key_share": True})
    except InvalidRequestError as error:
        raise LostRace("the conversation was merged into another one") from error


def publish_change(conversation: Conversation) -> None:
    """Publish that a conversation changed."""
    publish(
        db.session,
        conversation.site_id,
        "conversation.changed",
        at=clock.now(),
        conversation_id=conversation.id,
    )


def move_conversation(conversation: Conversation, moment: datetime) -> None:
    """Move a conversation to its place in the lists after a message, end or answer at `moment`.

    The first one of an imported conversation is older than its row.
    """
    is_new = conversation.latest_at == conversation.created_at
    conversation.latest_at = moment if is_new else max(conversation.latest_at, moment)


def mark_updated(site_id: UUID, conversation_id: UUID | None) -> None:
    """Record that something changed that the API returns about a conversation, if there is one."""
    if conversation_id is not None:
        db.session.execute(
            update(Conversation)
            .where(Conversation.site_id == site_id, Conversation.id == conversation_id)
            .values(updated_at=clock.now())
        )


def open_segment(conversation: Conversation, segments: list[Segment], at: datetime) -> Segment:
    """Add a segment after `segments`, which are all that the conversation has, each of them ended."""
    number = segments[-1].number + 1 if segments else 1
    segment = Segment(site_id=conversation.site_id, conversation_id=conversation.id, number=number, opened_at=at)
    segments.append(segment)
    db.session.add(segment)
    db.session.flush()
    publish(
        db.session,
        conversation.site_id,
        "segment.opened",
        at=clock.now(),
        conversation_id=conversation.id,
        segment_id=segment.id,
    )
    return segment
