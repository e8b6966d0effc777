"""Submissions, receipts, and the decision between a submission and the existing vote. Reads no database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ..surveys.questions.base import Submitted
from .rows import StoredAnswer, StoredVote


@dataclass(frozen=True)
class Submission:
    """The full answer of one client so far. A `score` of None removes the answer."""

    client_hash: str
    rev: int
    revision_id: UUID
    score: int | None
    received_at: datetime
    #: The time of the visitor's press, by the server's clock (clock.pressed_at).
    intended_at: datetime
    reasons: tuple[str, ...] = ()
    answers: Mapping[str, Any] = field(default_factory=dict)
    #: The outcome of each follow-up question that was seen, as the page sent it (surveys/follow_up.py).
    outcomes: Mapping[str, str] = field(default_factory=dict)
    comment: str | None = None
    language: str | None = None
    page: str | None = None

    @classmethod
    def of_row(cls, row: StoredVote, **changes: Any) -> Submission:
        """Return the submission that a stored vote holds, with `changes` in place of its fields."""
        stored_fields = {item.name: getattr(row, item.name) for item in fields(cls) if item.name not in changes}
        if "reasons" in stored_fields:
            stored_fields["reasons"] = tuple(stored_fields["reasons"])
        return cls(**stored_fields, **changes)

    def not_before(self, *earliest: datetime | None) -> Submission:
        """Return the submission with a press no earlier than these moments.

        The page claims the time of its press, and a question cannot be answered before it was asked. After a step of
        the server's clock, these moments may be later than the arrival, which stays the limit.
        """
        moment = max(self.intended_at, min(self.received_at, max(filter(None, earliest))))
        return self if moment == self.intended_at else replace(self, intended_at=moment)

    @property
    def submitted(self) -> Submitted:
        """Return the part that answers follow-up questions."""
        return Submitted(self.reasons, self.answers, self.comment, self.outcomes)

    @property
    def answer(self) -> tuple[Any, ...]:
        """Return the values by which two submissions are compared. A removal has no texts, even if it sends some."""
        if self.score is None:
            return (None, [], {}, None)
        return (self.score, list(self.reasons), dict(self.answers), self.comment or None)


@dataclass(frozen=True)
class Receipt:
    """The response to a submission: the current answer, which may be another client's."""

    vote_id: UUID
    rev: int
    score: int | None
    has_comment: bool
    status: str
    saved_at: datetime
    #: The hash of the client that sent the answer, if a survey page follows it.
    survey_holder: str | None = None


Resolution = Literal["store", "repeat", "ignore", "conflict"]
#: Score, reasons, answers and comment.
Answer = tuple[Any, ...]


def to_answer(row: StoredAnswer) -> Answer:
    """Return the answer of a stored vote or change, comparable with `Submission.answer`."""
    return (row.score, list(row.reasons), dict(row.answers), row.comment)


def _leave_out(answer: Answer, names: Collection[str]) -> Answer:
    score, reasons, answers, comment = answer
    return (score, reasons, {name: value for name, value in answers.items() if name not in names}, comment)


def _is_same(stored: Answer, submitted: Answer, mask: Callable[[Answer], Answer] | None) -> bool:
    return stored == submitted or (mask is not None and mask(stored) == mask(submitted))


def resolve_conflict(
    submission: Submission,
    existing_vote: StoredAnswer,
    newest: StoredAnswer | None,
    page_questions: Collection[str] = (),
    mask: Callable[[Answer], Answer] | None = None,
) -> Resolution:
    """Decide what to do with a submission to an existing vote.

    `newest` is this client's newest stored submission, if its rev is the same or higher. Submissions of one client are
    ordered by `rev`; between two clients the later press wins, in any order of arrival. Answers to `page_questions`
    are not compared, because the widget does not know them. `mask` returns an answer with everything masked that any
    site masks, because the site may mask more or less than when the answer was stored.
    """
    if newest is not None:
        # A removal by another client clears the earlier submissions, so there is no answer to compare with.
        is_cleared = newest.score is None and existing_vote.client_hash != submission.client_hash
        if (
            newest.rev == submission.rev
            and not is_cleared
            and not _is_same(
                _leave_out(to_answer(newest), page_questions), _leave_out(submission.answer, page_questions), mask
            )
        ):
            return "conflict"
        # The client may not have received its receipt, so it gets the same one again.
        is_current = existing_vote.client_hash == submission.client_hash and existing_vote.rev == submission.rev
        return "repeat" if is_current else "ignore"
    if existing_vote.client_hash == submission.client_hash:
        return "store"
    return "store" if submission.intended_at > existing_vote.intended_at else "ignore"
