"""Which words a page finds, whatever language it says that it speaks: those of the whole tag, else of its parent (pt of
pt-BR), else of the site's first language, else English.

The page itself goes from a tag to its parents and to the site's first language. So all that it may ask for stands in
what is served, and a language that nobody wrote a word in does not.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from ..sites.models import Site
from ..surveys.models import SurveyRevision
from ..surveys.queries import how_shown
from ..surveys.scales import SCALES
from ..surveys.words import FALLBACK, languages, screenshot_words, widget_words, words_for

#: One language by three names; we write the first.
NORWEGIAN = ("nb", "no", "nn")


def part_language(tag: str) -> str:
    """The language whose part speaks for a tag."""
    return _ours(tag) or FALLBACK


def page_texts(site: Site, revision: SurveyRevision, placement: str) -> dict[str, Any]:
    """What a page is told of a survey, its texts under every tag that may be asked for."""
    scale, texts = SCALES[revision.scale], {}
    for asked, tag in _tags(site.languages).items():
        own = _own(revision, tag)
        if own or _ours(tag) or tag == site.language:
            texts[asked] = {**words_for(part_language(tag), placement, revision.look, scale), **own}
    return {
        **how_shown(revision.look, scale),
        "scale": scale.name,
        "comment": bool(revision.settings.get("comment")),
        **({"screenshot": True} if revision.settings.get("screenshot") else {}),
        "texts": texts,
    }


def core_texts(site: Site) -> dict[str, Any]:
    """What the widget itself says, under the same tags."""
    return {asked: widget_words(part_language(tag)) for asked, tag in _tags(site.languages).items()}


def screenshot_offers(site: Site) -> dict[str, str]:
    """What the offer of a screenshot says, under the same tags."""
    return {asked: screenshot_words(part_language(tag))["add"] for asked, tag in _tags(site.languages).items()}


def _tags(tags: Sequence[str]) -> dict[str, str]:
    """Every tag that may be asked for, and the site's own one that answers: a parent finds its first child."""
    found = {tag: tag for tag in tags}
    for tag in tags:
        for parent in _chain(tag):
            found.setdefault(parent, tag)
    return found


def _chain(tag: str) -> list[str]:
    """The tag, its parents, and the other names of its language; the nearest first."""
    parts = tag.split("-")
    names = ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return list(dict.fromkeys([*names, *(NORWEGIAN if parts[0] in NORWEGIAN else ())]))


def _ours(tag: str) -> str | None:
    return next((name for name in _chain(tag) if name in _written()), None)


@functools.cache
def _written() -> frozenset[str]:
    return frozenset(languages())


def _own(revision: SurveyRevision, tag: str) -> dict[str, Any]:
    """The owner's words, each part from the nearest tag that has it; parts left to us are not there."""
    found: dict[str, Any] = {}
    for name in reversed(_chain(tag)):
        found |= {part: text for part, text in revision.texts.get(name, {}).items() if text is not None}
    return found
