"""The kind `scale`: a number from `low` to `high`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...core.errors import Invalid
from .base import Question, QuestionKind


class NumberScale(QuestionKind):
    name = "scale"
    has_answer = True
    is_repeatable = True
    is_for_page = True
    has_range = True

    def validate(self, question: Question, value: Any) -> None:
        assert question.low is not None and question.high is not None
        if type(value) is not int or not question.low <= value <= question.high:
            raise Invalid(
                f"Answer must be an integer from {question.low} to {question.high}.", pointer=question.answer_pointer
            )

    def parse(self, texts: Sequence[str]) -> Any:
        return int(texts[0]) if texts[0].isascii() and texts[0].isdigit() else texts[0]

    def word(self, question: Question, value: Any, words: Mapping[str, Any]) -> str:
        return f"{value} of {question.high}"
