"""Reasons: as many as apply, by a tap each. They are a list of the submission, not an answer of the question."""

from __future__ import annotations

from .base import Question, QuestionKind, Submitted


class Reasons(QuestionKind):
    name = "reasons"
    has_choices = True

    def is_answered(self, question: Question, submitted: Submitted) -> bool:
        return super().is_answered(question, submitted) or bool(submitted.reasons)
