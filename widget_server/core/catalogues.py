"""The catalogues of translated texts, one for each language: `widget_server/translations/LANGUAGE.po`.

`make texts` updates them. A catalogue is read when a page or a mail first needs its language.
"""

from __future__ import annotations

import functools
import gettext
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from .marked_texts import MarkedText, marked

FOLDER = Path(__file__).parents[1] / "translations"
#: The marked texts are English, so it needs no catalogue.
ENGLISH = "en"
#: Every language with its own name, in alphabetical order of the names.
LANGUAGES = {"da": "Dansk", "de": "Deutsch", ENGLISH: "English", "nb": "Norsk bokmål", "sv": "Svenska"}
#: Tags of languages whose readers understand one of the catalogues.
NEAR = {"no": "nb", "nn": "nb"}
#: The line of a catalogue's head that says who has read it: "machine", or "reviewed" by a speaker.
STATUS = "# Status: "


def find_catalogue_language(tags: Iterable[str]) -> str:
    """Return the first language of these tags, such as `de-CH`, that has texts; English without one."""
    for tag in tags:
        base = tag.replace("_", "-").partition("-")[0].lower()
        if (language := NEAR.get(base, base)) in LANGUAGES:
            return language
    return ENGLISH


def translate_to(language: str, text: str) -> str:
    """Return a marked text in a language, with its values; in English if the catalogue lacks it."""
    if isinstance(text, MarkedText):
        values = {
            name: translate_to(language, value) if isinstance(value, MarkedText) else value
            for name, value in text.values.items()
        }
        return load_catalogue(language).gettext(text.template) % values
    # The empty text is the name of a catalogue's head.
    return load_catalogue(language).gettext(text) if text else text


def format_text(language: str, template: str, **values: Any) -> str:
    """Return a text with its values in a language; `make texts` collects the template."""
    return translate_to(language, marked(template, **values))


def translate_plural_to(language: str, singular: str, plural: str, count: int) -> str:
    """Return the form of a text that a number needs in a language."""
    return load_catalogue(language).ngettext(singular, plural, count)


@functools.cache
def load_catalogue(language: str) -> gettext.NullTranslations:
    """Return the texts of a language."""
    if language == ENGLISH:
        return gettext.NullTranslations()
    compiled = BytesIO()
    with (FOLDER / f"{language}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    return gettext.GNUTranslations(BytesIO(compiled.getvalue()))


@functools.cache
def is_reviewed(language: str) -> bool:
    """Return whether a speaker has read the catalogue of a language."""
    if language == ENGLISH:
        return True
    with (FOLDER / f"{language}.po").open(encoding="utf-8") as file:
        return any(line.strip() == f"{STATUS}reviewed" for line in file if line.startswith("#"))
