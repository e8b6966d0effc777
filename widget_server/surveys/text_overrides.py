"""A site's overrides of the widget's default texts: {language: {key: text}}.

Questions and labels are not among them: they belong to the revisions of a survey.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.errors import Invalid
from .default_texts import FALLBACK, later_words, widget_words
from .language_tags import fallback_tags

Words = dict[str, dict[str, str]]
#: Keys of buttons, which share a line with others.
BUTTONS = ("close", "word", "done", "change", "remove")
MAX_BUTTON_LENGTH = 60
MAX_SENTENCE_LENGTH = 300
#: The chosen label replaces it.
PLACEHOLDER = "{}"


def overridable_texts(language: str) -> dict[str, str]:
    """Return the default texts that a site may override: those before a press, then those after it."""
    core = {key: text for key, text in widget_words(language).items() if key != "dir"}
    return core | later_words(language)


def max_length_of(key: str) -> int:
    """Return the maximum number of characters of a text."""
    return MAX_BUTTON_LENGTH if key in BUTTONS else MAX_SENTENCE_LENGTH


def apply_overrides(
    words: Words, changes: Mapping[str, Mapping[str, Any] | None] | None, languages: Sequence[str]
) -> Words:
    """Return a site's texts after a change.

    The change is merged: missing texts stay, and null restores the default of one text, of a language or of all.

    Raises:
        Invalid: with a pointer to the first text that the site's pages could not show.
    """
    if changes is None:
        return {}
    site_tags = {name for tag in languages for name in fallback_tags(tag)}
    merged = {language: dict(texts) for language, texts in words.items()}
    for language, texts in changes.items():
        if texts is None:
            merged.pop(language, None)
            continue
        if language not in site_tags:
            problem = f"Language is not one of the site's ({', '.join(languages)}); add it to `languages`."
            raise Invalid(problem, pointer=f"/texts/{language}")
        for key, text in texts.items():
            _check_override(key, text, f"/texts/{language}/{key}")
        language_texts = {**merged.get(language, {}), **texts}
        merged[language] = {key: text for key, text in language_texts.items() if text is not None}
    return {language: texts for language, texts in merged.items() if texts}


def _check_override(key: str, text: str | None, pointer: str) -> None:
    default_texts = overridable_texts(FALLBACK)
    if key not in default_texts:
        raise Invalid("Text key is unknown; GET /languages/en lists all keys.", pointer=pointer)
    if text is None:
        return
    if not text.strip() or len(text) > max_length_of(key):
        raise Invalid(
            f"Text must have 1 to {max_length_of(key)} characters; null restores the default.", pointer=pointer
        )
    count = default_texts[key].count(PLACEHOLDER)
    if text.count(PLACEHOLDER) != count:
        raise Invalid(
            "Text must contain {} once, where the chosen label goes." if count else "Text must not contain {}.",
            pointer=pointer,
        )
