"""Routes of /languages."""

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

blueprint = Resource("languages", "Languages of the widget, reviewed or machine-translated.")


@blueprint.route("/languages")
@requires("api_key", "read")
@blueprint.response(200, LanguagesOut)
def list_languages() -> dict[str, Any]:
    """List the languages of the widget.

    Their codes are the values of a site's `languages`.
    """
    return {"languages": [describe_language(language) for language in languages()]}


@blueprint.route("/languages/<code>")
@requires("api_key", "read")
@blueprint.response(200, LanguageTextsOut)
def get_language(code: str) -> dict[str, Any]:
    """Return the widget's texts in a language, with the site's overrides.

    A regional language (`pt-BR`) has the defaults of its parent, a language without texts those of English. Change them
    with the site's `texts`.
    """
    if not LANGUAGE_TAG.fullmatch(code):
        raise NotFound("Language not found; use a tag such as en or pt-BR.")
    language = find_language_or_english(code)
    site_texts = find_site(g.site_id).texts.get(code, {})
    texts = [
        {"key": key, "default": text, "own": site_texts.get(key), "longest": max_length_of(key)}
        for key, text in overridable_texts(language).items()
    ]
    return {**describe_language(language), "code": code, "texts": texts}
