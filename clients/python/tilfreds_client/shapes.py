"""The types of responses, with the fields that callers need. `/api/v1/docs` of your server lists all fields.

Timestamps are texts of RFC 3339 in UTC. A server may add fields, and removes none within a version of the API.
"""

from __future__ import annotations

from typing import Any, TypedDict


class Agent(TypedDict):
    external_id: str
    name: str
    team: str | None
    email: str | None
    visitor: str | None
    valid_after: str | None


class AgentToken(TypedDict):
    token: str
    expires_at: str
    live_url: str


class Message(TypedDict):
    external_id: str
    id: str
    #: Number of its segment.
    segment: int


class ChangedMessage(Message):
    """A message that was edited or removed."""

    edited_at: str | None
    removed_at: str | None


class MessageLine(ChangedMessage):
    """A message of a conversation."""

    author: str
    #: The agent's name.
    agent: str | None
    text: str
    sent_at: str


class ImportResult(TypedDict):
    """What each imported conversation added, and what is wrong with the others."""

    imported: list[dict[str, Any]]
    rejected: list[dict[str, Any]]


class End(TypedDict):
    """The decision at the end of a segment: `reason` is a stable code, `reason_text` is for people."""

    segment: int
    asked: bool
    status: str
    reason: str | None
    reason_text: str | None


class Answer(TypedDict):
    score: int
    #: positive, neutral or negative.
    sentiment: str
    word: str


class Rating(TypedDict):
    #: None after the visitor removed it.
    answer: Answer | None
    comment: str | None
    reasons: list[dict[str, Any]]
    answers: list[dict[str, Any]]
    verified: bool
    #: counted, suspected or excluded.
    status: str
    #: When anything of it changed last.
    updated_at: str
    #: When the words and the picture were erased, or None.
    erased_at: str | None


class Vote(Rating):
    id: str
    #: conversation, article, page …
    kind: str
    #: Id of the conversation, or path or name of the rated subject.
    subject: str | None
    segment: int | None
    channel: str
    visitor: str | None
    agents: list[str]
    #: Ids of the same agents.
    agent_ids: list[str | None]
    team: str | None
    voted_on: str


class Segment(TypedDict):
    number: int
    #: rated, removed, waiting, dismissed, withdrawn, expired, not_asked, undecided or open.
    status: str
    #: Id of the message above the rating.
    pin: str | None
    messages: list[dict[str, Any]]
    agents: list[str]
    #: Ids of the same agents.
    agent_ids: list[str | None]
    rating: Rating | None


class Conversation(TypedDict):
    external_id: str | None
    channel: str
    segments: list[Segment]


class Invitation(TypedDict):
    segment: int
    status: str
    reason: str | None
    reason_text: str | None
    proof: str
    context: dict[str, Any]
