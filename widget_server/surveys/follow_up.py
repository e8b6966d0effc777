"""The follow-up questions of a revision: which of them follow an answer, and what a submission says about them.

How an owner describes them is in `question_definitions.py`, what each kind is in `questions/`.
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
        Question(**{**one, "scores": tuple(one["scores"]), "choices": tuple(one.get("choices", ()))})
        for one in settings.get("questions", ())
    )


def questions_after(questions: Iterable[Question], score: int) -> dict[str, Question]:
    """Return the questions that follow this answer, by id."""
    return {question.id: question for question in questions if score in question.scores}


def check_answers(questions: Iterable[Question], score: int, submitted: Submitted) -> None:
    """Check that every reason, answer and outcome belongs to a question after this score.

    Raises:
        Invalid: with a pointer to the first that does not.
    """
    following = questions_after(questions, score)
    known = {choice for question in following.values() if question.kind == "reasons" for choice in question.choices}
    for at, reason in enumerate(submitted.reasons):
        if reason not in known or reason in submitted.reasons[:at]:
            raise Invalid("This revision has no such reason for this answer.", pointer=f"/reasons/{at}")
    for where, names in (("answers", submitted.answers), ("outcomes", submitted.outcomes)):
        for name in names:
            if name not in following:
                raise Invalid("This revision has no such question after this answer.", pointer=f"/{where}/{name}")
    for name, value in submitted.answers.items():
        question = following[name]
        KINDS[question.kind].validate(question, value)


def outcomes(questions: Iterable[Question], score: int, submitted: Submitted) -> dict[str, str]:
    """Return what became of each question that the visitor saw: shown (and left there), answered or skipped.

    A question with an answer is answered, whatever the page says of it; without one it was only seen.
    """
    result: dict[str, str] = {}
    for question in questions_after(questions, score).values():
        kind, reported = KINDS[question.kind], submitted.outcomes.get(question.id)
        if kind.is_answered(question, submitted):
            result[question.id] = "answered"
        elif reported is not None:
            result[question.id] = "shown" if reported == "answered" and not kind.is_pressed else reported
    return result
