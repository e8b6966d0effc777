"""/languages: what the widget speaks by itself, and who vouches for the words."""

from __future__ import annotations

from typing import Any

from ..doors import door
from ..surveys.words import about, languages
from .base import Resource
from .schemas.languages import LanguagesOut

blueprint = Resource("languages", "Languages: what the widget has words for, reviewed or machine-made.")


@blueprint.route("/languages")
@door("api_key", "read")
@blueprint.response(200, LanguagesOut)
def list_languages() -> dict[str, Any]:
    """The languages that the widget has words for

    Name a site's languages by these codes.
    """
    return {"languages": [about(language) for language in languages()]}
