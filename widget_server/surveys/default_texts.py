"""The product's default texts: one file per language in static/texts."""

from __future__ import annotations

import functools
import json
from typing import Any

from ..core.assets import STATIC
from .scales import LOOKS, Scale

TEXTS = STATIC / "texts"
FALLBACK = "en"


#: The key of the end labels, by look that shows numbers.
ENDS = {"csat": "satisfied", "nps": "likely", "ces": "easy"}


def words_for(language: str, placement: str, look: str, scale: Scale | None = None) -> dict[str, Any]:
    """Return question and labels of a look in a placement, by ascending score.

    Looks with numbers also have `ends`. `scale` is the revision's scale, for a look with more than one.
    """
    scale = scale or LOOKS[look].scale
    file = _load_texts(language)
    placement_texts = file["surveys"][placement]
    words = dict(placement_texts.get(look, {"question": placement_texts["faces"]["question"]}))
    if LOOKS[look].is_numbered:
        words["labels"] = [str(score) for score in scale.scores]
        five = file["scales"]["five"]
        ends = file["scales"][ENDS[look]] if look in ENDS else [five[0], five[-1]]
        words["ends"] = ends if scale.polarities[0] < 0 else ends[::-1]
    elif "labels" not in words:
        words["labels"] = file["scales"]["five"]
    return words


def widget_words(language: str) -> dict[str, str]:
    """Return the widget's texts before and directly after a press."""
    texts: dict[str, str] = _load_texts(language)["core"]
    return texts


def later_words(language: str) -> dict[str, str]:
    """Return the widget's later texts, which are in the language's part."""
    texts: dict[str, str] = _load_texts(language)["later"]
    return texts


def screenshot_words(language: str) -> dict[str, str]:
    """Return the widget's texts about a screenshot; `add` is the link that offers one."""
    texts: dict[str, str] = _load_texts(language)["screenshot"]
    return texts


def survey_words(language: str) -> dict[str, str]:
    """Return the texts around the questions of the survey page; `link` leads to it."""
    file = _load_texts(language)
    return {**file["further"], **file["survey"], "send": file["screenshot"]["send"]}


def languages() -> list[str]:
    """Return the tags of the languages that the product has texts in."""
    return sorted(path.stem for path in TEXTS.glob("*.json"))


def describe_language(language: str) -> dict[str, str]:
    """Return the tag, native name, review status (`machine` or `reviewed`) and direction of a language."""
    file = _load_texts(language)
    facts = {"code": language, "name": file["language"], "status": file["status"]}
    return {**facts, "dir": file["core"].get("dir", "ltr")}


@functools.cache
def _load_texts(language: str) -> dict[str, Any]:
    """Return the texts of a language, else of its parent (pt for pt-BR), else of English."""
    for name in (language, language.partition("-")[0], FALLBACK):
        path = TEXTS / f"{name}.json"
        if path.is_file():
            texts: dict[str, Any] = json.loads(path.read_text("utf-8"))
            return texts
    raise FileNotFoundError(f"static/texts/{FALLBACK}.json is missing")
