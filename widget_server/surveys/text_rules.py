"""Checks of the owner's own texts: {language: {"question", "labels" or "ends", "thanks"}}, each part optional.

The words of the follow-up questions stand beside them: see question_texts.py.
"""

from __future__ import annotations

from typing import Any

from ..core.errors import Invalid
from .scales import Look

MAX_QUESTION_LENGTH = 300
MAX_LABEL_LENGTH = 60
OF_QUESTIONS = ("questions", "thanks_for")


def check_texts(texts: dict[str, Any], look: Look) -> None:
    """Raise `Invalid` with a pointer to the first text that cannot be shown."""
    own = "ends" if look.is_numbered else "labels"
    count = 2 if look.is_numbered else len(look.scale.polarities)
    for language, words in texts.items():
        where = f"/texts/{language}"
        if not isinstance(words, dict) or set(words) - {"question", own, "thanks", *OF_QUESTIONS}:
            raise Invalid(f"With this look a language has question, {own} and thanks.", pointer=where)
        for name in ("question", "thanks"):
            _check_text(words.get(name), MAX_QUESTION_LENGTH, f"{where}/{name}")
        labels = words.get(own)
        if labels is None:
            continue
        if not isinstance(labels, list) or len(labels) != count:
            raise Invalid(f"Give {count} {own}, by ascending score.", pointer=f"{where}/{own}")
        for position, label in enumerate(labels):
            _check_text(label, MAX_LABEL_LENGTH, f"{where}/{own}/{position}", needed=True)


def _check_text(value: Any, longest: int, pointer: str, needed: bool = False) -> None:
    if value is None and not needed:
        return
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise Invalid(f"Give a text of 1 to {longest} characters.", pointer=pointer)
