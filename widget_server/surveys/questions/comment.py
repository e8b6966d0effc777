"""The kind `comment`: the comment of the vote, which is a field of the submission and not in `answers`."""

from __future__ import annotations

from .base import Question, QuestionKind, Submitted


class Comment(QuestionKind):
    name = "comment"
    has_default_text = True

    def is_answered(self, question: Question, submitted: Submitted) -> bool:
        has_comment = bool(submitted.comment) and question.id in submitted.outcomes
        return super().is_answered(question, submitted) or has_comment
