"""The comment of the vote. It is a field of the submission, not an answer of the step."""

from __future__ import annotations

from .base import QuestionKind, Submitted, SurveyStep


class Comment(QuestionKind):
    name = "comment"
    has_default_text = True

    def is_answered(self, step: SurveyStep, submitted: Submitted) -> bool:
        has_comment = bool(submitted.comment) and step.id in submitted.outcomes
        return super().is_answered(step, submitted) or has_comment
