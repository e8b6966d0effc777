"""The group "Texts": the site's own wording of the widget's texts, a language at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request

from ...core.marked_texts import N_
from ...settings.schemas import SiteChanges
from ...sites.models import Site
from ...surveys.default_texts import describe_language
from ...surveys.language_tags import fallback_tags, find_language, find_language_or_english, nearest_texts
from ...surveys.text_overrides import PLACEHOLDER, max_length_of, overridable_texts
from ...web.schema_loading import load_fields
from .group import Group
from .setting import Setting

#: When a visitor sees each text: the label of its field.
SHOWN = {
    "close": N_("The name of the ×, read aloud."),
    "saving": N_("From the press until the answer is stored."),
    "kept": N_("Without network, while the answer waits in the browser."),
    "open": N_("Without network, if the browser stores nothing."),
    "saved": N_("After the answer was stored."),
    "thanks": N_("After the answer was stored, if the survey has no thanks."),
    "word": N_("The button for a comment."),
    "label": N_("Above the comment box."),
    "done": N_("The button of the comment box."),
    "comment_saved": N_("After the comment was stored."),
    "answered": N_("When a visitor returns; {} is the chosen label."),
    "change": N_("The button for another answer."),
    "remove": N_("The button that removes the answer."),
    "removed": N_("After the answer was removed."),
    "withdrawn": N_("Error: the chat continued."),
    "expired": N_("Error: the time to answer is over."),
    "closed": N_("Error: the survey was closed."),
    "bad_token": N_("Error: the link is not valid."),
    "bad_signature": N_("Error: the signature is wrong."),
    "signature_expired": N_("Error: the signature has expired."),
    "staff": N_("Error: the visitor is an agent."),
    "origin": N_("Error: the page has an address that the site does not allow."),
    "unknown_site": N_("Error: the key of the site is unknown."),
    "invalid": N_("Error: anything else."),
    "conflict": N_("Error: two presses at once."),
    "too_large": N_("Error: the comment is too long."),
}


def chosen_language(site: Site) -> str:
    """Return the language of the page's address; the site's first one if it is not one of the site's."""
    language = request.args.get("language", "")
    return language if language in site.languages else site.language


def expand(site: Site) -> tuple[Setting, ...]:
    """Return a setting for each text of the chosen language, with the text that pages show without it."""
    language = chosen_language(site)
    return tuple(
        Setting(f"texts.{language}.{key}", SHOWN[key], "", default, "pages")
        for key, default in default_texts(site, language).items()
    )


def default_texts(site: Site, language: str) -> dict[str, str]:
    """Return the texts that pages show where the site has none in this language: of its parents, or Tilfreds' own."""
    own_texts = {tag: texts for tag, texts in site.texts.items() if tag != language}
    defaults = overridable_texts(find_language_or_english(language))
    inherited_texts = nearest_texts(own_texts, language)
    return {key: inherited_texts.get(key, text) for key, text in defaults.items()}


def read_texts(site: Site, settings: Sequence[Setting], typed: Mapping[str, str]) -> dict[str, Any]:
    """Return the texts of the form; null for an empty field, which has the default again.

    Raises: Invalid: a text is too long; the pointer names it.
    """
    language = chosen_language(site)
    if "reset" in request.form:
        return {"texts": {language: None}}
    texts = {setting.name.rpartition(".")[2]: typed[setting.name] or None for setting in settings}
    return load_fields(SiteChanges(), {"texts": {language: texts}})


def text_values(site: Site) -> dict[str, Any]:
    """Return the languages of the site with the number of texts that each has, and those without any."""
    language = chosen_language(site)
    keys = overridable_texts(language)
    return {
        "language": language,
        "text_languages": [describe(site, tag, len(keys)) for tag in site.languages],
        "longest": {f"texts.{language}.{key}": max_length_of(key) for key in keys},
        "direction": describe_language(find_language_or_english(language))["dir"],
        "placeholder": PLACEHOLDER,
    }


def describe(site: Site, tag: str, count: int) -> dict[str, Any]:
    """Return the name of a language, how many texts the site has changed, and how many pages show in English."""
    near, own_texts = find_language(tag), nearest_texts(site.texts, tag)
    return {
        "tag": tag,
        "name": describe_language(near)["name"] if near in fallback_tags(tag) and near else tag,
        "changed": len(site.texts.get(tag, {})),
        "missing": 0 if near else count - len(own_texts),
        "is_machine": near is not None and describe_language(near)["status"] == "machine",
    }


TEXTS = Group(
    "texts",
    N_("Texts"),
    N_("The texts of the card, from the close button to the errors; a survey has its question, labels and thanks."),
    (
        Setting(
            "texts.*",
            N_("Texts of the card"),
            N_("Your own wording of each text, by language; an empty field has the default."),
            N_("The texts of Tilfreds"),
            "pages",
            anchor="texts",
        ),
    ),
    template="console/settings_texts.html",
    expand=expand,
    values=text_values,
    read=read_texts,
    address=lambda site: {"language": chosen_language(site)},
)
