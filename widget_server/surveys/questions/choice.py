"""The kind `choice`: one answer out of several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.errors import Invalid
from .base import Question, QuestionKind


class Choice(QuestionKind):
    name = "choice"
    has_answer = True
    is_repeatable = True
    is_for_page = True
    has_choices = True

    def validate(self, question: Question, value: Any) -> None:
        if value not in question.choices:
            raise Invalid(f"Answer must be one of {', '.join(question.choices)}.", pointer=question.answer_pointer)

    def word(self, question: Question, value: Any, words: Mapping[str, Any]) -> str:
        return words.get("choices", {}).get(value) or str(value)
