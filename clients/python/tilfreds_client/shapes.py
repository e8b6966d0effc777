"""What the API answers, as far as this library's callers read it. Every field is at `/api/v1/docs` of your server.

Moments are texts of RFC 3339, in UTC. A server may add fields; none of them is taken away within a version of the API.
"""

from __future__ import annotations

from typing import Any, TypedDict


class Agent(TypedDict):
    external_id: str
    name: str
    team: str | None
    visitor: str | None
    valid_after: str | None


class AgentToken(TypedDict):
    token: str
    expires_at: str
    live_url: str


class Message(TypedDict):
    external_id: str
    id: str
    #: The number of the segment that it belongs to.
    segment: int


class End(TypedDict):
    """What was decided: `reason` is a stable word, `reason_text` a sentence's part for people."""

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
    #: None once the visitor took it back.
    answer: Answer | None
    comment: str | None
    reasons: list[dict[str, Any]]
    answers: list[dict[str, Any]]
    verified: bool
    #: counted, suspected or excluded.
    status: str


class Vote(Rating):
    id: str
    #: conversation, article, page …
    kind: str
    #: The conversation's id, or the path or name of what was rated.
    subject: str | None
    segment: int | None
    channel: str
    visitor: str | None
    agents: list[str]
    team: str | None
    voted_on: str


class Segment(TypedDict):
    number: int
    #: rated, removed, waiting, dismissed, withdrawn, expired, not_asked, undecided or open.
    status: str
    #: The id of the message that the rating stands under.
    pin: str | None
    messages: list[dict[str, Any]]
    agents: list[str]
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
