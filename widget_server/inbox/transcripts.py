"""The values of a transcript: segments with their messages, their rating, and their status."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ..core.marked_texts import N_, marked
from ..invitations.rules import REASONS
from ..ratings.models import SURGE
from ..ratings.screenshots import StoredScreenshot
from ..surveys.questions.kinds import FREE_TEXT
from .answers import Answer, Correction, FollowUpAnswer, HistoryEntry, Reason

#: Why a vote is suspected, in words.
SUSPICIONS = {**REASONS, SURGE: N_("unusually many votes in this hour")}
SegmentStatus = Literal[
    "rated", "removed", "waiting", "dismissed", "withdrawn", "expired", "not_asked", "undecided", "open"
]
Proof = Literal["signature", "browser", "back_end", "page"]


@dataclass(frozen=True)
class MessageLine:
    """A message of a transcript, with the name and the owner's id of its agent."""

    id: UUID
    external_id: str
    author: str
    agent: str | None
    agent_id: str | None
    text: str
    sent_at: datetime
    edited_at: datetime | None
    removed_at: datetime | None


@dataclass(frozen=True)
class InvitationSummary:
    """A row of the ledger of invitations."""

    id: UUID
    status: str
    #: The code of the rule by which the visitor was not asked.
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
    """The exclusion of a vote from the scores. `reason` is None once the visitor was erased."""

    at: datetime
    by: str
    reason: str | None


def to_suspicion(status: str, reason: str | None) -> str | None:
    """Return in words why a suspected vote is not counted, or None for other votes."""
    if status != "suspected":
        return None
    reason_text = SUSPICIONS.get(reason or "", reason)
    return marked("not counted: %(reason)s", reason=marked(reason_text)) if reason_text else marked("not counted")


@dataclass(frozen=True)
class Rating:
    """The vote of a segment. `answer` is None once the visitor removed it."""

    vote_id: UUID
    version: int
    answer: Answer | None
    comment: str | None
    reasons: list[Reason]
    answers: list[FollowUpAnswer]
    screenshot: StoredScreenshot | None
    #: The time at which the current answer was pressed.
    at: datetime
    first_at: datetime
    received_at: datetime | None
    changed_at: datetime
    updated_at: datetime
    #: When its words and picture were erased.
    erased_at: datetime | None
    verified: bool
    #: counted, suspected or excluded.
    status: str
    status_reason: str | None
    excluded: Exclusion | None
    #: When it was imported from another system, or None.
    imported_at: datetime | None
    correction: Correction | None
    #: Oldest first, without the answers from before a removal.
    history: list[HistoryEntry]

    @property
    def has_words(self) -> bool:
        """Return whether there is anything that `erase_words` would erase."""
        texts = [self.comment, *(entry.comment for entry in self.history)]
        return self.screenshot is not None or any(texts) or any(item.kind in FREE_TEXT for item in self.answers)

    @property
    def suspicion(self) -> str | None:
        return to_suspicion(self.status, self.status_reason)


@dataclass(frozen=True)
class TranscriptSegment:
    """A segment: the messages between two closes, and the visitor's rating of them."""

    id: UUID
    number: int
    opened_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    messages: list[MessageLine]
    #: The message under which the rating is shown; None puts it at the end.
    pin_message_id: UUID | None
    status: SegmentStatus
    rating: Rating | None
    #: The invitation that decides `status`, and all of them, oldest first.
    invitation: InvitationSummary | None
    ledger: list[InvitationSummary]
    #: The agents who answered: the names frozen with a decision, else the authors of the segment's messages.
    agents: list[str]
    #: The owner's ids of the same agents.
    agent_ids: list[str | None]
    #: The agents who are credited with the rating, their ids, and the rule of the site that decided it.
    credited: list[str]
    credited_ids: list[str | None]
    credit: str
    team: str | None


@dataclass(frozen=True)
class Transcript:
    """A conversation with its segments."""

    id: UUID
    external_id: str | None
    unverified_id: str | None
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
    updated_at: datetime
    unread_since: datetime | None
    erased_at: datetime | None
    #: Whether earlier messages were left out.
    earlier: bool
    segments: list[TranscriptSegment]


def segment_status(
    is_ended: bool, rating: Rating | None, invitation: InvitationSummary | None, now: datetime
) -> SegmentStatus:
    """Return the status of a segment. An answer decides it before the invitation does."""
    if rating is not None:
        return "removed" if rating.answer is None else "rated"
    if invitation is None:
        return "undecided" if is_ended else "open"
    if invitation.status in ("asked", "shown", "dismissed", "voted"):
        if invitation.expires_at is not None and invitation.expires_at < now:
            return "expired"
        return "dismissed" if invitation.status == "dismissed" else "waiting"
    return invitation.status  # type: ignore[return-value]
