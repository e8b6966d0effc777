"""Texts of HTML pages in the language of their reader.

Templates mark each text: `{{ _("Sign in") }}`, or `{% trans %}` around a sentence with values. Code marks one with
`N_` or `marked` (`core/marked_texts.py`) and translates it where a page shows it. `core/catalogues.py` has the
catalogues.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g, request

from ..core.catalogues import find_catalogue_language, translate_plural_to, translate_to


def init_app(app: Flask) -> None:
    """Let templates mark texts and name the language of their page.

    They use `_`, `ngettext`, `{% trans %}`, `localized` and `page_language`.
    """
    environment: Any = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(translate, translate_plural, newstyle=True)
    environment.globals["page_language"] = page_language
    # For a text with values: `_` would format it a second time.
    environment.globals["localized"] = translate


def page_language() -> str:
    """Return the language of this request's page.

    It is the one that the user chose in the profile, or the best of those that the browser accepts.
    """
    if "page_language" not in g:
        g.page_language = find_catalogue_language(request.accept_languages.values())
    language: str = g.page_language
    return language


def choose_language(language: str | None) -> None:
    """Set the language of this request's page to the user's choice; None leaves it to the browser."""
    if language is not None:
        g.page_language = language


def add_vary(response: Response) -> None:
    """Tell caches that the page depends on the browser's languages."""
    response.vary.add("Accept-Language")


def translate(text: str) -> str:
    """Return a marked text in the language of the page, with its values."""
    return translate_to(page_language(), text)


def translate_plural(singular: str, plural: str, count: int) -> str:
    return translate_plural_to(page_language(), singular, plural, count)
