"""One submission as it arrived, and what it does to the existing vote: pure decisions, no database."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ..surveys.questions.base import Submitted
from .rows import StoredAnswer, StoredVote


@dataclass(frozen=True)
class Submission:
    """The full answer so far of one client; `score` None removes the answer."""

    client_hash: str
    rev: int
    revision_id: UUID
    score: int | None
    received_at: datetime
    #: When the visitor pressed, by our clock (clock.pressed_at).
    intended_at: datetime
    reasons: tuple[str, ...] = ()
    answers: Mapping[str, Any] = field(default_factory=dict)
    #: What the page says became of each follow-up question that was seen: see surveys/follow_up.py.
    outcomes: Mapping[str, str] = field(default_factory=dict)
    comment: str | None = None
    language: str | None = None
    page: str | None = None

    @classmethod
    def of_row(cls, row: StoredVote, **changes: Any) -> Submission:
        """Return what a stored vote holds, with `changes`. A field that no caller names keeps its stored value."""
        stored = {one.name: getattr(row, one.name) for one in fields(cls) if one.name not in changes}
        if "reasons" in stored:
            stored["reasons"] = tuple(stored["reasons"])
        return cls(**stored, **changes)

    @property
    def submitted(self) -> Submitted:
        """What it says about the follow-up questions."""
        return Submitted(self.reasons, self.answers, self.comment, self.outcomes)

    @property
    def answer(self) -> tuple[Any, ...]:
        """Return what two submissions are compared by. A removal has no text, whatever came with it."""
        if self.score is None:
            return (None, [], {}, None)
        return (self.score, list(self.reasons), dict(self.answers), self.comment or None)


@dataclass(frozen=True)
class Receipt:
    """What the visitor is told: the answer that stands, whoever's it is."""

    vote_id: UUID
    rev: int
    score: int | None
    has_comment: bool
    status: str
    saved_at: datetime
    #: Whose the answer is, where a longer survey may follow it.
    surveyed: str | None = None


Resolution = Literal["store", "repeat", "ignore", "conflict"]


def answer_of(row: StoredAnswer) -> tuple[Any, ...]:
    """Return the answer of a stored vote or change, comparable with `Submission.answer`."""
    return (row.score, list(row.reasons), dict(row.answers), row.comment)


def _without(answer: tuple[Any, ...], names: Collection[str]) -> tuple[Any, ...]:
    score, reasons, answers, comment = answer
    return (score, reasons, {name: value for name, value in answers.items() if name not in names}, comment)


def resolve_conflict(
    submission: Submission, existing_vote: StoredAnswer, seen: StoredAnswer | None, elsewhere: Collection[str] = ()
) -> Resolution:
    """Decide what to do with a submission when there is a vote already.

    `seen` is this client's newest stored submission, if that is of the same or a higher rev. One client is ordered by
    its own counter. Between two clients the later press wins, whichever arrives first. The client does not know what
    was answered `elsewhere`, on our own page.
    """
    if seen is not None:
        # A removal by another client empties what was stored before it: nothing is left to compare with.
        emptied = seen.score is None and existing_vote.client_hash != submission.client_hash
        if (
            seen.rev == submission.rev
            and not emptied
            and _without(answer_of(seen), elsewhere) != _without(submission.answer, elsewhere)
        ):
            return "conflict"
        # Its own receipt got lost on the way, perhaps: it gets the very same one again.
        stands = existing_vote.client_hash == submission.client_hash and existing_vote.rev == submission.rev
        return "repeat" if stands else "ignore"
    if existing_vote.client_hash == submission.client_hash:
        return "store"
    return "store" if submission.intended_at > existing_vote.intended_at else "ignore"
