"""What a page is told of a survey."""

from __future__ import annotations

from typing import Any

from ..sites.models import Site
from .models import SurveyRevision
from .scales import LOOKS, SCALES
from .words import words_for


def revision_texts(site: Site, revision: SurveyRevision, placement: str) -> dict[str, Any]:
    """Look, scale, whether a comment is offered, and the texts in each of the site's languages; the lowest score where
    that is not 1, and whether the look needs more code than the widget itself has.
    """
    scale, more = SCALES[revision.scale], {}
    if scale.low != 1:
        more["low"] = scale.low
    if LOOKS[revision.look].is_dressed:
        more["dressed"] = True
    return {
        **more,
        "look": revision.look,
        "scale": revision.scale,
        "comment": bool(revision.settings.get("comment")),
        "texts": {
            language: {
                **words_for(language, placement, revision.look, scale),
                **_own(revision, language),
            }
            for language in site.languages
        },
    }


def _own(revision: SurveyRevision, language: str) -> dict[str, Any]:
    """The owner's words, without the parts left to ours."""
    return {name: text for name, text in revision.texts.get(language, {}).items() if text is not None}
