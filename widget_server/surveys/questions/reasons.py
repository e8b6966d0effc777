"""The kind `reasons`: any number of reasons, which are a list of the submission and not in `answers`."""

from __future__ import annotations

from .base import Question, QuestionKind, Submitted


class Reasons(QuestionKind):
    name = "reasons"
    has_choices = True

    def is_answered(self, question: Question, submitted: Submitted) -> bool:
        return super().is_answered(question, submitted) or bool(submitted.reasons)
