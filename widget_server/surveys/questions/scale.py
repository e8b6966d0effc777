"""A question with a number from `low` to `high`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...core.errors import Invalid
from .base import QuestionKind, SurveyStep


class NumberScale(QuestionKind):
    name = "scale"
    has_answer = True
    is_question = True
    is_for_page = True
    has_range = True

    def validate(self, step: SurveyStep, value: Any) -> None:
        assert step.low is not None and step.high is not None
        if type(value) is not int or not step.low <= value <= step.high:
            raise Invalid(f"The answer is a number from {step.low} to {step.high}.", pointer=step.answer_pointer)

    def parse(self, texts: Sequence[str]) -> Any:
        return int(texts[0]) if texts[0].isascii() and texts[0].isdigit() else texts[0]

    def word(self, step: SurveyStep, value: Any, words: Mapping[str, Any]) -> str:
        return f"{value} of {step.high}"
