"""The link to the longer survey."""

from __future__ import annotations

from .base import QuestionKind


class LongerSurvey(QuestionKind):
    name = "survey"
    has_default_text = True
    is_pressed = True
