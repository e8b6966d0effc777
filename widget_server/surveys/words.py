"""The product's own words: one file per language in static/texts."""

from __future__ import annotations

import functools
import json
from typing import Any

from ..assets import STATIC

TEXTS = STATIC / "texts"
FALLBACK = "en"


def words_for(language: str, placement: str, look: str) -> dict[str, Any]:
    """Question, labels (from the worst answer to the best) and thanks of a look where it stands."""
    return dict(_file(language)["surveys"][placement][look])


def widget_words(language: str) -> dict[str, str]:
    """What the widget itself says before and right after a press."""
    return _file(language)["core"]


def languages() -> list[str]:
    """The languages there are words for."""
    return sorted(path.stem for path in TEXTS.glob("*.json"))


@functools.cache
def _file(language: str) -> dict[str, Any]:
    """The language's file, else its parent's (pt-BR, pt), else English."""
    for name in (language, language.partition("-")[0], FALLBACK):
        path = TEXTS / f"{name}.json"
        if path.is_file():
            return json.loads(path.read_text("utf-8"))
    raise FileNotFoundError(f"static/texts holds no {FALLBACK}.json")
