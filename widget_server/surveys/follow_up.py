"""The follow-up questions of a revision, and a submission's answers to them.

`question_definitions.py` reads an owner's definitions; `questions/` has a file for each kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args

from ..core.errors import Invalid
from .questions.base import Question, Submitted
from .questions.kinds import KINDS

Outcome = Literal["shown", "answered", "skipped"]
OUTCOMES: tuple[str, ...] = get_args(Outcome)


def read_questions(settings: Mapping[str, Any]) -> tuple[Question, ...]:
    """Return the follow-up questions of a revision, in their order."""
    return tuple(
        Question(**{**stored, "scores": tuple(stored["scores"]), "choices": tuple(stored.get("choices", ()))})
        for stored in settings.get("questions", ())
    )


def questions_after(questions: Iterable[Question], score: int) -> dict[str, Question]:
    """Return the questions that follow this score, by id."""
    return {question.id: question for question in questions if score in question.scores}


def check_answers(questions: Iterable[Question], score: int, submitted: Submitted) -> None:
    """Check that every reason, answer and outcome belongs to a question after this score.

    Raises:
        Invalid: with a pointer to the first that does not.
    """
    following = questions_after(questions, score)
    reasons = {choice for question in following.values() if question.kind == "reasons" for choice in question.choices}
    for position, reason in enumerate(submitted.reasons):
        if reason not in reasons or reason in submitted.reasons[:position]:
            raise Invalid(
                "Reason is not in this revision for this score, or is repeated; send each listed reason once.",
                pointer=f"/reasons/{position}",
            )
    for field, ids in (("answers", submitted.answers), ("outcomes", submitted.outcomes)):
        for question_id in ids:
            if question_id not in following:
                raise Invalid(
                    "Question does not follow this score in this revision; send only its questions.",
                    pointer=f"/{field}/{question_id}",
                )
    for name, value in submitted.answers.items():
        question = following[name]
        KINDS[question.kind].validate(question, value)


def outcomes(questions: Iterable[Question], score: int, submitted: Submitted) -> dict[str, str]:
    """Return the outcome of each question that the visitor saw: shown, answered or skipped.

    A question with an answer is answered, whatever the page reports; without one it is at most shown.
    """
    outcome_by_id: dict[str, str] = {}
    for question in questions_after(questions, score).values():
        kind, reported_outcome = KINDS[question.kind], submitted.outcomes.get(question.id)
        if kind.is_answered(question, submitted):
            outcome_by_id[question.id] = "answered"
        elif reported_outcome is not None:
            is_unproven = reported_outcome == "answered" and not kind.is_pressed
            outcome_by_id[question.id] = "shown" if is_unproven else reported_outcome
    return outcome_by_id
