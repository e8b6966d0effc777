"""Conversations, their segments (from one close to the next), their messages and the agents who answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Connection,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    event,
    false,
    inspect,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..storage.db import Json, Model, current_time, new_id
from ..storage.indexes import index_if_set, index_if_true, listed_index

CHANNELS = (
    "chat",
    "phone",
    "email",
    "in_person",
    "whatsapp",
    "sms",
    "telegram",
    "messenger",
    "social",
    "other",
)
HAS_VISITOR = text("visitor_id is not null")
AUTHORS = ("visitor", "agent", "bot", "system")
#: Authors whose message opens a new segment after an end. Messages of a system or a bot do not.
OPENERS = ("visitor", "agent")


class Agent(Model):
    """A person or machine who answers, with the id that the site's back end gave."""

    __tablename__ = "agent"
    __table_args__ = (
        UniqueConstraint("site_id", "external_id"),
        UniqueConstraint("site_id", "email"),
    )

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    external_id: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))
    team: Mapped[str | None] = mapped_column(String(200))
    #: In lower case. The user with this address sees the agent's ratings as their own.
    email: Mapped[str | None] = mapped_column(String(254))
    #: The id that this person has as a visitor of the site. Staff never vote.
    visitor_external_id: Mapped[str | None] = mapped_column(String(200))
    #: Live tokens whose first one was issued before this time are revoked. None: none were.
    valid_after: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Conversation(Model):
    """A conversation that may be rated. Without `external_id` only a page claims that it exists."""

    __tablename__ = "conversation"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "visitor_id"], ["visitor.site_id", "visitor.id"]),
        UniqueConstraint("site_id", "external_id"),
        UniqueConstraint("site_id", "browser_hash"),
        CheckConstraint("external_id is not null or browser_hash is not null", name="named"),
        Index("ix_conversation_latest", "site_id", "latest_at"),
        Index("ix_conversation_updated", "site_id", "updated_at", "id"),
        # For the conversations of one visitor.
        Index(
            "ix_conversation_visitor",
            "site_id",
            "visitor_id",
            sqlite_where=HAS_VISITOR,
            postgresql_where=HAS_VISITOR,
        ),
        listed_index("ix_conversation_unread", "latest_at", "id", where="unread_since is not null"),
        listed_index("ix_conversation_channel", "channel", "latest_at", "id"),
        *(
            index_if_set("conversation", column, "latest_at")
            for column in ("team", "case_type", "product_area", "touchpoint", "sentiment", "not_asked_reason")
        ),
        listed_index("ix_conversation_not_asked", "latest_at", "id", where="not_asked_reason is not null"),
        # The time spares reading the rows of questions whose time is over.
        listed_index("ix_conversation_waiting", "latest_at", "id", "waiting_until", where="waiting_until is not null"),
        index_if_true("ix_conversation_recovered", "is_recovered", "latest_at"),
        index_if_true("ix_conversation_asked_again", "is_asked_again", "latest_at"),
    )

    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    external_id: Mapped[str | None] = mapped_column(String(200))
    #: SHA-256 of the secret that the visitor's browser holds while the chat is open. It finds a claimed conversation.
    #: After an erasure it is hashed again (`hash_erased_browser`).
    browser_hash: Mapped[str | None] = mapped_column(String(64))
    #: The id that an unverified page sent: shown to agents, never used to find the conversation.
    unverified_id: Mapped[str | None] = mapped_column(String(200))
    visitor_id: Mapped[UUID | None]
    title: Mapped[str | None] = mapped_column(String(300))
    #: One of `CHANNELS`, which the API checks, so that a new channel needs no migration.
    channel: Mapped[str] = mapped_column(String(20), default="chat")
    customer_reference: Mapped[str | None] = mapped_column(String(200))
    case_type: Mapped[str | None] = mapped_column(String(200))
    product_area: Mapped[str | None] = mapped_column(String(200))
    touchpoint: Mapped[str | None] = mapped_column(String(200))
    team: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str | None] = mapped_column(String(35))
    page: Mapped[str | None] = mapped_column(String(500))
    #: Up to 20 fields that the back end chooses, text to text.
    custom_fields: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    queued_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    #: The time of the last message, end or answer. Lists are ordered by it.
    latest_at: Mapped[datetime]
    #: When the answer came that no user of the console has opened yet (unread.py). None: there is none.
    unread_since: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    #: The segment whose status lists show: the last one that was asked about, else the last one with a decision.
    #: The columns below repeat what lists filter by; `invitations/listing.py` and the vote's statements set them.
    listed_segment_id: Mapped[UUID | None]
    #: The sentiment of the listed segment's answer.
    sentiment: Mapped[str | None] = mapped_column(String(8))
    #: The reason of the last decision, if the visitor was never asked.
    not_asked_reason: Mapped[str | None] = mapped_column(String(40))
    #: The end of the response window of the listed segment's open question.
    waiting_until: Mapped[datetime | None]
    #: Whether the listed segment's answer is a recovery.
    is_recovered: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    #: Whether the visitor was asked about several segments.
    is_asked_again: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    #: The time of the last change of anything that the API returns about it.
    updated_at: Mapped[datetime] = mapped_column(default=current_time, onupdate=current_time)


class ConversationAgent(Model):
    """An agent who wrote in a conversation, for the lists of agents."""

    __tablename__ = "conversation_agent"
    __table_args__ = (
        ForeignKeyConstraint(
            ["site_id", "conversation_id"], ["conversation.site_id", "conversation.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["site_id", "agent_id"], ["agent.site_id", "agent.id"]),
        listed_index("ix_conversation_agent_latest", "agent_id", "latest_at", "conversation_id"),
        {"sqlite_with_rowid": False},
    )

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(primary_key=True)
    #: The same time as in the conversation, by which the list of one agent is ordered.
    latest_at: Mapped[datetime]


@event.listens_for(Conversation, "after_update")
def copy_latest_at(mapper: object, connection: Connection, conversation: Conversation) -> None:
    """Copy a changed `latest_at` to the agents of a conversation. A vote copies it by a statement of its path."""
    if inspect(conversation).attrs.latest_at.history.has_changes():
        connection.execute(
            update(ConversationAgent)
            .where(
                ConversationAgent.site_id == conversation.site_id,
                ConversationAgent.conversation_id == conversation.id,
            )
            .values(latest_at=conversation.latest_at)
        )


class Segment(Model):
    """A part of a conversation between two closes. Surveys ask about it, and ratings belong to it."""

    __tablename__ = "segment"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "conversation_id"], ["conversation.site_id", "conversation.id"]),
        UniqueConstraint("site_id", "conversation_id", "number"),
    )

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    conversation_id: Mapped[UUID]
    number: Mapped[int] = mapped_column(Integer)
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    #: The time to add to the clock of who sends the messages, to compare it with `ended_at` (sender_clock.py).
    clock_offset_ms: Mapped[int | None] = mapped_column(BigInteger)
    #: The source of the end: back_end, page, agent, or the name of an integration.
    ended_by: Mapped[str | None] = mapped_column(String(40))
    closer_agent_id: Mapped[UUID | None]
    #: The message that shows the rating below it. Late messages move it until `pinned_at`, the first vote.
    pin_message_id: Mapped[UUID | None]
    pinned_at: Mapped[datetime | None]


class Message(Model):
    """A message of a segment, with the text and id that the back end sent."""

    __tablename__ = "message"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "segment_id"], ["segment.site_id", "segment.id"]),
        ForeignKeyConstraint(["site_id", "conversation_id"], ["conversation.site_id", "conversation.id"]),
        ForeignKeyConstraint(["site_id", "agent_id"], ["agent.site_id", "agent.id"]),
        UniqueConstraint("site_id", "conversation_id", "external_id"),
        Index("ix_message_segment", "site_id", "segment_id", "sent_at"),
        listed_index("ix_message_texts", "sent_at", where="text <> ''"),
        CheckConstraint("author in ('visitor', 'agent', 'bot', 'system')", name="author"),
    )

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    conversation_id: Mapped[UUID]
    segment_id: Mapped[UUID]
    external_id: Mapped[str] = mapped_column(String(200))
    author: Mapped[str] = mapped_column(String(10))
    agent_id: Mapped[UUID | None]
    text: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime]
    #: The time of the newest change of the text. None: it is the first text.
    edited_at: Mapped[datetime | None]
    #: A removed message keeps its place, without text and agent, so that a rating below it stays there.
    removed_at: Mapped[datetime | None]
    #: The order of arrival in the conversation, which orders messages with equal `sent_at`.
    arrival: Mapped[int] = mapped_column(BigInteger)
