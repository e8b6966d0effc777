"""A site's own words for what the widget itself says: {language: {key: text}}, in place of ours text by text.

Questions and labels are no part of it: they belong to a survey and its revisions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.errors import Invalid
from .default_texts import FALLBACK, later_words, widget_words
from .language_tags import fallback_tags

Words = dict[str, dict[str, str]]
#: Names of buttons, which share a line with others.
BUTTONS = ("close", "word", "done", "change", "remove")
MAX_BUTTON_LENGTH = 60
MAX_SENTENCE_LENGTH = 300
#: Where the chosen label goes.
PLACE = "{}"


def overridable_texts(language: str) -> dict[str, str]:
    """Everything that may be worded anew, as we say it: what shows before a press, then what comes after it."""
    core = {key: text for key, text in widget_words(language).items() if key != "dir"}
    return core | later_words(language)


def max_length_of(key: str) -> int:
    """Characters that a text may have."""
    return MAX_BUTTON_LENGTH if key in BUTTONS else MAX_SENTENCE_LENGTH


def apply_overrides(
    words: Words, changes: Mapping[str, Mapping[str, Any] | None] | None, languages: Sequence[str]
) -> Words:
    """A site's words after a change, which is merged: what it leaves out stays, and null gives words back to us (one
    text, a language, or all). Raises `Invalid` with a pointer to the first that the site's pages could not show.
    """
    if changes is None:
        return {}
    spoken = {name for tag in languages for name in fallback_tags(tag)}
    merged = {language: dict(own) for language, own in words.items()}
    for language, own in changes.items():
        if own is None:
            merged.pop(language, None)
            continue
        if language not in spoken:
            problem = f"The site speaks {', '.join(languages)}: name this language in `languages`, too."
            raise Invalid(problem, pointer=f"/texts/{language}")
        for key, text in own.items():
            _check(key, text, f"/texts/{language}/{key}")
        kept = {**merged.get(language, {}), **own}
        merged[language] = {key: text for key, text in kept.items() if text is not None}
    return {language: own for language, own in merged.items() if own}


def _check(key: str, text: str | None, pointer: str) -> None:
    ours = overridable_texts(FALLBACK)
    if key not in ours:
        raise Invalid("The widget says nothing by this name: GET /languages/en has all of them.", pointer=pointer)
    if text is None:
        return
    if not text.strip() or len(text) > max_length_of(key):
        raise Invalid(f"Give a text of 1 to {max_length_of(key)} characters, or null for ours.", pointer=pointer)
    places = ours[key].count(PLACE)
    if text.count(PLACE) != places:
        wanted = "Keep {} once: the chosen label goes there." if places else "This text has no place for a {}."
        raise Invalid(wanted, pointer=pointer)
