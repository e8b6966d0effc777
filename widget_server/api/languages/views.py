"""/languages: what the widget speaks by itself, and who vouches for the words."""

from __future__ import annotations

from typing import Any

from flask import g

from ...auth.access import requires
from ...core.errors import NotFound
from ...sites.service import LANGUAGE_TAG, find_site
from ...surveys.default_texts import describe_language, languages
from ...surveys.language_tags import find_language_or_english
from ...surveys.text_overrides import max_length_of, overridable_texts
from ..base import Resource
from .schemas import LanguagesOut, LanguageTextsOut

blueprint = Resource("languages", "Languages: what the widget has words for, reviewed or machine-made.")


@blueprint.route("/languages")
@requires("api_key", "read")
@blueprint.response(200, LanguagesOut)
def list_languages() -> dict[str, Any]:
    """The languages that the widget has words for

    Name a site's languages by these codes.
    """
    return {"languages": [describe_language(language) for language in languages()]}


@blueprint.route("/languages/<code>")
@requires("api_key", "read")
@blueprint.response(200, LanguageTextsOut)
def get_language(code: str) -> dict[str, Any]:
    """What the widget says in a language, and what the site says in its place

    For a region's own language (`pt-BR`) the defaults are its parent's, for one that the widget has no words in they
    are English. Change them with `texts` of the site.
    """
    if not LANGUAGE_TAG.fullmatch(code):
        raise NotFound("This is no language tag such as en or pt-BR.")
    language = find_language_or_english(code)
    own = find_site(g.site_id).texts.get(code, {})
    texts = [
        {"key": key, "default": text, "own": own.get(key), "longest": max_length_of(key)}
        for key, text in overridable_texts(language).items()
    ]
    return {**describe_language(language), "code": code, "texts": texts}
