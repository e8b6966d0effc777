"""Reasons: as many as apply, by a tap each. They are a list of the submission, not an answer of the step."""

from __future__ import annotations

from .base import QuestionKind, Submitted, SurveyStep


class Reasons(QuestionKind):
    name = "reasons"
    has_choices = True

    def is_answered(self, step: SurveyStep, submitted: Submitted) -> bool:
        return super().is_answered(step, submitted) or bool(submitted.reasons)
