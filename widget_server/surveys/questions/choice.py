"""A question with one answer out of several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.errors import Invalid
from .base import QuestionKind, SurveyStep


class Choice(QuestionKind):
    name = "choice"
    has_answer = True
    is_question = True
    is_for_page = True
    has_choices = True

    def validate(self, step: SurveyStep, value: Any) -> None:
        if value not in step.choices:
            raise Invalid(f"The answer is one of {', '.join(step.choices)}.", pointer=step.answer_pointer)

    def word(self, step: SurveyStep, value: Any, words: Mapping[str, Any]) -> str:
        return words.get("choices", {}).get(value) or str(value)
