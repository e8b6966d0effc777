"""Language tags: from one to its parents and its other names, and the words that stand nearest to it.

The page itself goes the same way (static/README.md, "Languages").
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from .default_texts import FALLBACK, languages

#: One language by three names; we write the first.
NORWEGIAN = ("nb", "no", "nn")


def fallback_tags(tag: str) -> list[str]:
    """The tag, its parents, and the other names of its language; the nearest first."""
    parts = tag.split("-")
    names = ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return list(dict.fromkeys([*names, *(NORWEGIAN if parts[0] in NORWEGIAN else ())]))


def find_language(tag: str) -> str | None:
    """The language we have words in that is nearest to a tag."""
    return next((name for name in fallback_tags(tag) if name in _written()), None)


def find_language_or_english(tag: str) -> str:
    return find_language(tag) or FALLBACK


def nearest_texts(texts: Mapping[str, Mapping[str, Any]], tag: str) -> dict[str, Any]:
    """The owner's words, {language: {part: text}}, each part from the nearest tag that has it; parts left to us are not
    there.
    """
    found: dict[str, Any] = {}
    for name in reversed(fallback_tags(tag)):
        found |= {part: text for part, text in texts.get(name, {}).items() if text is not None}
    return found


@functools.cache
def _written() -> frozenset[str]:
    return frozenset(languages())
