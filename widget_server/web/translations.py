"""Texts of HTML pages in the language of their reader.

Templates mark each text: `{{ _("Sign in") }}`, or `{% trans %}` around a sentence with values. `make texts` collects
them for translators. A catalogue is `widget_server/translations/LANGUAGE/LC_MESSAGES/pages.mo`, and `LANGUAGES` lists
the languages that have one. English is the only language yet.
"""

from __future__ import annotations

import functools
import gettext
from pathlib import Path
from typing import Any

from flask import Flask, request

DOMAIN = "pages"
FOLDER = Path(__file__).parents[1] / "translations"
#: English is first, as the marked texts are English.
LANGUAGES = ["en"]


def init_app(app: Flask) -> None:
    """Let templates mark texts and name the language of their page.

    They use `_`, `ngettext`, `{% trans %}` and `page_language`.
    """
    environment: Any = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(translate, translate_plural, newstyle=True)
    environment.globals["page_language"] = page_language


def page_language() -> str:
    """Return the language of this request's page.

    It is the best of those that the browser accepts.
    """
    return request.accept_languages.best_match(LANGUAGES, LANGUAGES[0])


def translate(text: str) -> str:
    return _load_catalogue(FOLDER, page_language()).gettext(text)


def translate_plural(singular: str, plural: str, count: int) -> str:
    return _load_catalogue(FOLDER, page_language()).ngettext(singular, plural, count)


@functools.cache
def _load_catalogue(folder: Path, language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, folder, [language], fallback=True)
