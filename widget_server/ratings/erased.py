"""Submissions of visitors who were erased, and of votes whose words were erased."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..core.errors import Conflict
from ..surveys.questions.base import Question
from ..surveys.questions.kinds import FREE_TEXT
from .shown_revision import ShownRevision
from .submission import Submission


def check_not_erased(erased_at: datetime | None, pressed_at: datetime) -> None:
    """Raise `Conflict` for a press after the erasure."""
    if erased_at is not None and erased_at <= pressed_at:
        raise Conflict("This answer was erased and cannot be changed any more.", code="erased")


def leave_out_words(submission: Submission, revision: ShownRevision, erased_at: datetime) -> Submission:
    """Return a submission from before the erasure without anything that the visitor wrote, and without the page.

    Raises: Conflict: the press was after the erasure.
    """
    check_not_erased(erased_at, submission.intended_at)
    answers = without_free_texts(revision.questions, submission.answers)
    return replace(submission, comment=None, page=None, answers=answers)


def without_free_texts(questions: Iterable[Question], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers without free texts. Choices stay, as they are counted and contain no text of the visitor."""
    free_text_ids = {question.id for question in questions if question.kind in FREE_TEXT}
    return {question: value for question, value in answers.items() if question not in free_text_ids}
