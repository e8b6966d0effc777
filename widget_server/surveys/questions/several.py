"""The kind `several`: any number of answers, on the survey page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...core.errors import Invalid
from .base import Question, QuestionKind


class Several(QuestionKind):
    name = "several"
    has_answer = True
    is_for_page = True
    has_choices = True

    def check_definition(self, definition: Mapping[str, Any], pointer: str) -> None:
        if not definition.get("page"):
            raise Invalid(
                "A question of kind several must be on the survey page; set `page`, or use the kind reasons.",
                pointer=f"{pointer}/page",
            )

    def validate(self, question: Question, value: Any) -> None:
        if not isinstance(value, list) or not value or value != [key for key in question.choices if key in value]:
            raise Invalid(
                f"Answer must be a list of one or more of {', '.join(question.choices)}, each once, in this order.",
                pointer=question.answer_pointer,
            )

    def parse(self, texts: Sequence[str]) -> Any:
        return list(texts)

    def word(self, question: Question, value: Any, words: Mapping[str, Any]) -> str:
        return ", ".join(words.get("choices", {}).get(key) or key for key in value)
