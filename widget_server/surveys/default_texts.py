"""The product's own words: one file per language in static/texts."""

from __future__ import annotations

import functools
import json
from typing import Any

from ..core.assets import STATIC
from .scales import LOOKS, Scale

TEXTS = STATIC / "texts"
FALLBACK = "en"


#: The words at both ends of the looks that show numbers.
ENDS = {"csat": "satisfied", "nps": "likely", "ces": "easy"}


def words_for(language: str, placement: str, look: str, scale: Scale | None = None) -> dict[str, Any]:
    """Question and labels of a look where it stands, by ascending score; numbered steps have `ends`, too.

    `scale` is that of the revision where a look has more than one.
    """
    scale = scale or LOOKS[look].scale
    file = _file(language)
    asked = file["surveys"][placement]
    words = dict(asked.get(look, {"question": asked["faces"]["question"]}))
    if LOOKS[look].is_numbered:
        words["labels"] = [str(score) for score in scale.scores]
        five = file["scales"]["five"]
        ends = file["scales"][ENDS[look]] if look in ENDS else [five[0], five[-1]]
        words["ends"] = ends if scale.polarities[0] < 0 else ends[::-1]
    elif "labels" not in words:
        words["labels"] = file["scales"]["five"]
    return words


def widget_words(language: str) -> dict[str, str]:
    """What the widget itself says before and right after a press."""
    texts: dict[str, str] = _file(language)["core"]
    return texts


def later_words(language: str) -> dict[str, str]:
    """What it says after that, in the part of the language."""
    texts: dict[str, str] = _file(language)["later"]
    return texts


def screenshot_words(language: str) -> dict[str, str]:
    """What the widget says about a screenshot; `add` is the link that offers one."""
    texts: dict[str, str] = _file(language)["screenshot"]
    return texts


def survey_words(language: str) -> dict[str, str]:
    """What the longer survey says around its questions; `link` leads to it."""
    file = _file(language)
    return {**file["further"], **file["survey"], "send": file["screenshot"]["send"]}


def languages() -> list[str]:
    """The languages there are words for."""
    return sorted(path.stem for path in TEXTS.glob("*.json"))


def describe_language(language: str) -> dict[str, str]:
    """Its tag and own name, whether a speaker reviewed its words or a machine made them, and which way it reads."""
    file = _file(language)
    facts = {"code": language, "name": file["language"], "status": file["status"]}
    return {**facts, "dir": file["core"].get("dir", "ltr")}


@functools.cache
def _file(language: str) -> dict[str, Any]:
    """The language's file, else its parent's (pt-BR, pt), else English."""
    for name in (language, language.partition("-")[0], FALLBACK):
        path = TEXTS / f"{name}.json"
        if path.is_file():
            texts: dict[str, Any] = json.loads(path.read_text("utf-8"))
            return texts
    raise FileNotFoundError(f"static/texts holds no {FALLBACK}.json")
