"""Language tags, their parents and aliases, and the lookup of the nearest texts.

The widget uses the same order in the page (static/README.md, "Languages").
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from .default_texts import FALLBACK, languages

#: One language with three tags; static/texts uses the first.
NORWEGIAN = ("nb", "no", "nn")


def fallback_tags(tag: str) -> list[str]:
    """Return the tag, its parents and the other tags of its language, nearest first."""
    subtags = tag.split("-")
    parents = ["-".join(subtags[:count]) for count in range(len(subtags), 0, -1)]
    return list(dict.fromkeys([*parents, *(NORWEGIAN if subtags[0] in NORWEGIAN else ())]))


def find_language(tag: str) -> str | None:
    """Return the language with texts that is nearest to a tag, or None."""
    return next((language for language in fallback_tags(tag) if language in _languages_with_texts()), None)


def find_language_or_english(tag: str) -> str:
    """Return the language with texts that is nearest to a tag, or English."""
    return find_language(tag) or FALLBACK


def nearest_texts(texts: Mapping[str, Mapping[str, Any]], tag: str) -> dict[str, Any]:
    """Return the owner's texts for a tag, each from the nearest language that has it.

    `texts` is {language: {key: text}}. Keys that the owner leaves to the product are missing.
    """
    merged: dict[str, Any] = {}
    for language in reversed(fallback_tags(tag)):
        merged |= {key: text for key, text in texts.get(language, {}).items() if text is not None}
    return merged


@functools.cache
def _languages_with_texts() -> frozenset[str]:
    return frozenset(languages())
