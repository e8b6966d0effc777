"""The kind `survey`: the link to the survey page."""

from __future__ import annotations

from .base import QuestionKind


class SurveyLink(QuestionKind):
    name = "survey"
    has_default_text = True
    is_pressed = True
