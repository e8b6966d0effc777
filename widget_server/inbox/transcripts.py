"""What a transcript is made of, as plain values: segments, messages, each segment's rating or why it has none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ..invitations.rules import REASONS
from ..ratings.screenshots import StoredScreenshot
from .answers import Answer, Correction, FollowUpAnswer, HistoryEntry, Reason

SegmentStatus = Literal[
    "rated", "removed", "waiting", "dismissed", "withdrawn", "expired", "not_asked", "undecided", "open"
]
Proof = Literal["signature", "browser", "back_end", "page"]


@dataclass(frozen=True)
class MessageLine:
    id: UUID
    external_id: str
    author: str
    agent: str | None
    text: str
    sent_at: datetime


@dataclass(frozen=True)
class InvitationSummary:
    """One row of the ledger."""

    id: UUID
    status: str
    #: A code of the rules when nobody was asked.
    reason: str | None
    channel: str
    source: str
    proof: str
    context: dict[str, Any]
    decided_at: datetime
    shown_at: datetime | None
    dismissed_at: datetime | None
    voted_at: datetime | None
    withdrawn_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True)
class Exclusion:
    """That somebody took a vote out of the counts. `reason` is None once its visitor was erased."""

    at: datetime
    by: str
    reason: str | None


def suspicion_of(status: str, reason: str | None) -> str | None:
    """That a vote is not counted though nobody excluded it, and why, in words; None where this is not so."""
    if status != "suspected":
        return None
    why = REASONS.get(reason or "", reason)
    return f"not counted: {why}" if why else "not counted"


@dataclass(frozen=True)
class Rating:
    """The vote of a segment. `answer` is None once the visitor removed it."""

    vote_id: UUID
    version: int
    answer: Answer | None
    comment: str | None
    reasons: list[Reason]
    answers: list[FollowUpAnswer]
    #: What the visitor showed of the screen.
    screenshot: StoredScreenshot | None
    #: When the current answer was pressed.
    at: datetime
    first_at: datetime
    changed_at: datetime
    verified: bool
    #: counted, suspected or excluded.
    status: str
    status_reason: str | None
    excluded: Exclusion | None
    correction: Correction | None
    #: Oldest first; what came before a removal is not among them.
    history: list[HistoryEntry]

    @property
    def suspicion(self) -> str | None:
        return suspicion_of(self.status, self.status_reason)


@dataclass(frozen=True)
class TranscriptSegment:
    """A segment: what was said between two closes, and what its visitor thought of it."""

    id: UUID
    number: int
    opened_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    messages: list[MessageLine]
    #: The message that the rating stands under; None puts it at the end.
    pin_message_id: UUID | None
    status: SegmentStatus
    rating: Rating | None
    #: The invitation that decides `status`, and all of them, oldest first.
    invitation: InvitationSummary | None
    ledger: list[InvitationSummary]
    #: Who answered: the frozen names when something was decided, else who wrote in this segment.
    agents: list[str]
    #: Who of them is credited with the rating, and by which rule of the site.
    credited: list[str]
    credit: str
    team: str | None


@dataclass(frozen=True)
class Transcript:
    id: UUID
    external_id: str | None
    claimed_id: str | None
    title: str | None
    channel: str
    language: str | None
    page: str | None
    customer_reference: str | None
    case_type: str | None
    product_area: str | None
    touchpoint: str | None
    team: str | None
    custom_fields: dict[str, Any]
    queued_at: datetime | None
    accepted_at: datetime | None
    escalated_at: datetime | None
    visitor: str | None
    created_at: datetime
    latest_at: datetime
    unread_since: datetime | None
    erased_at: datetime | None
    #: Whether earlier messages were left out.
    earlier: bool
    segments: list[TranscriptSegment]


def segment_status(
    ended: bool, rating: Rating | None, invitation: InvitationSummary | None, now: datetime
) -> SegmentStatus:
    """The one word for a segment. An answer outranks everything; an open question outranks nothing but silence."""
    if rating is not None:
        return "removed" if rating.answer is None else "rated"
    if invitation is None:
        return "undecided" if ended else "open"
    if invitation.status in ("asked", "shown", "dismissed", "voted"):
        if invitation.expires_at is not None and invitation.expires_at < now:
            return "expired"
        return "dismissed" if invitation.status == "dismissed" else "waiting"
    return invitation.status  # type: ignore[return-value]
