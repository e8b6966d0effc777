"""Checks of the owner's texts of a survey: {language: {"question", "labels" or "ends", "thanks"}}, each optional.

question_texts.py checks the texts of the follow-up questions.
"""

from __future__ import annotations

from typing import Any

from ..core.errors import Invalid
from .scales import Look

MAX_QUESTION_LENGTH = 300
MAX_LABEL_LENGTH = 60
OF_QUESTIONS = ("questions", "thanks_for")


def check_texts(texts: dict[str, Any], look: Look) -> None:
    """Raise Invalid with a pointer to the first text that cannot be shown."""
    labels_field = "ends" if look.is_numbered else "labels"
    count = 2 if look.is_numbered else len(look.scale.polarities)
    for language, words in texts.items():
        where = f"/texts/{language}"
        if not isinstance(words, dict) or set(words) - {"question", labels_field, "thanks", *OF_QUESTIONS}:
            raise Invalid(
                f"Texts of this look may have question, {labels_field}, thanks, thanks_for and questions only.",
                pointer=where,
            )
        for name in ("question", "thanks"):
            _check_text(words.get(name), MAX_QUESTION_LENGTH, f"{where}/{name}")
        labels = words.get(labels_field)
        if labels is None:
            continue
        if not isinstance(labels, list) or len(labels) != count:
            problem = f"{labels_field.capitalize()} must be a list of {count} texts, by ascending score."
            raise Invalid(problem, pointer=f"{where}/{labels_field}")
        for position, label in enumerate(labels):
            _check_text(label, MAX_LABEL_LENGTH, f"{where}/{labels_field}/{position}", is_required=True)


def _check_text(value: Any, max_length: int, pointer: str, is_required: bool = False) -> None:
    if value is None and not is_required:
        return
    if not isinstance(value, str) or not value.strip() or len(value) > max_length:
        raise Invalid(f"Text must have 1 to {max_length} characters.", pointer=pointer)
