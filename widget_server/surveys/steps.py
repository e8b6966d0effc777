"""What a revision asks after the first tap: which steps follow an answer, and what a submission says about them.

How an owner describes them is in `step_definitions.py`, what each kind is in `questions/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args

from ..core.errors import Invalid
from .questions.base import Submitted, SurveyStep
from .questions.kinds import KINDS

Outcome = Literal["shown", "answered", "skipped"]
OUTCOMES: tuple[str, ...] = get_args(Outcome)


def read_steps(settings: Mapping[str, Any]) -> tuple[SurveyStep, ...]:
    """The steps of a revision, in their order."""
    return tuple(
        SurveyStep(**{**one, "scores": tuple(one["scores"]), "choices": tuple(one.get("choices", ()))})
        for one in settings.get("steps", ())
    )


def steps_after(steps: Iterable[SurveyStep], score: int) -> dict[str, SurveyStep]:
    """The steps that follow this answer, by id."""
    return {step.id: step for step in steps if score in step.scores}


def check_answers(steps: Iterable[SurveyStep], score: int, submitted: Submitted) -> None:
    """Check that every reason, answer and outcome belongs to a step after this score.

    Raises:
        Invalid: with a pointer to the first that does not.
    """
    following = steps_after(steps, score)
    known = {choice for step in following.values() if step.kind == "reasons" for choice in step.choices}
    for at, reason in enumerate(submitted.reasons):
        if reason not in known or reason in submitted.reasons[:at]:
            raise Invalid("This revision has no such reason for this answer.", pointer=f"/reasons/{at}")
    for where, names in (("answers", submitted.answers), ("steps", submitted.outcomes)):
        for name in names:
            if name not in following:
                raise Invalid("This revision has no such step after this answer.", pointer=f"/{where}/{name}")
    for name, value in submitted.answers.items():
        step = following[name]
        KINDS[step.kind].validate(step, value)


def outcomes(steps: Iterable[SurveyStep], score: int, submitted: Submitted) -> dict[str, str]:
    """Return what became of each step that the visitor saw: shown (and left there), answered or skipped.

    A step with an answer is answered, whatever the page says of it; without one it was only seen.
    """
    result: dict[str, str] = {}
    for step in steps_after(steps, score).values():
        kind, reported = KINDS[step.kind], submitted.outcomes.get(step.id)
        if kind.is_answered(step, submitted):
            result[step.id] = "answered"
        elif reported is not None:
            result[step.id] = "shown" if reported == "answered" and not kind.is_pressed else reported
    return result
