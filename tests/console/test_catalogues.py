"""The catalogues of the console's languages, and the choice of a language."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from docs.texts import collect_texts, missing_texts, read_catalogue
from widget_server.core import dates
from widget_server.core.catalogues import (
    ENGLISH,
    LANGUAGES,
    find_catalogue_language,
    is_reviewed,
    translate_plural_to,
    translate_to,
)
from widget_server.core.marked_texts import marked

TRANSLATED = [language for language in LANGUAGES if language != ENGLISH]
#: What a translation must repeat: values, percent signs, the place of a label, and the space in a percentage.
FIXED_PARTS = re.compile(r"%\(\w+\)s|%%|\{\w*\}|&nbsp;")


def forms_of(text: object) -> list[str]:
    return [str(form) for form in text] if isinstance(text, tuple | list) else [str(text)]


def test_translations_keep_the_values_of_their_text(subtests: pytest.Subtests) -> None:
    for language in TRANSLATED:
        for message in read_catalogue(language):
            pairs = zip(forms_of(message.id), forms_of(message.string), strict=True) if message.id else ()
            for index, (original, form) in enumerate(pairs):
                # The form for one may leave the number out: "shown once".
                if not form or (index == 0 and message.pluralizable):
                    continue
                with subtests.test(language=language, text=original):
                    assert sorted(FIXED_PARTS.findall(form)) == sorted(FIXED_PARTS.findall(original))
                    assert "%" not in FIXED_PARTS.sub("", form)
                    assert form[:1].isspace() == original[:1].isspace()


def test_the_nearest_language_is_chosen(subtests: pytest.Subtests) -> None:
    for tags, language in {
        ("de-CH", "en"): "de",
        ("nn-NO", "en"): "nb",
        ("no",): "nb",
        ("fr", "sv_FI", "en"): "sv",
        ("fr",): "en",
        ("EN-us", "da"): "en",
        (): "en",
    }.items():
        with subtests.test(tags=tags):
            assert find_catalogue_language(tags) == language


def test_texts_with_values_and_plurals_are_translated() -> None:
    text = marked("At most %(count)s characters, 100 %%.", count=3)
    assert text == "At most 3 characters, 100 %." == translate_to("de", text)
    assert translate_to("de", marked("%(count)s unread", count=5)) == "5 ungelesen"
    assert translate_to("da", "Sign in") == "Log ind"
    assert translate_to("sv", "") == "" and translate_to("sv", "Unknown text") == "Unknown text"
    forms = [translate_plural_to("nb", "%(count)s agent", "%(count)s agents", count) for count in (1, 2)]
    assert forms == ["%(count)s agent", "%(count)s agenter"]
    assert is_reviewed("en") and not is_reviewed("de")


def test_dates_follow_the_language(subtests: pytest.Subtests) -> None:
    moment, day = datetime(2026, 11, 17, 9, 4, tzinfo=UTC), date(2026, 11, 17)
    for language, texts in {
        "da": ["09.04", "tirsdag den 17. november", "17. november 2026", "17. nov. 2026", "november 2026"],
        "de": ["09:04", "Dienstag, 17. November", "17. November 2026", "17. Nov. 2026", "November 2026"],
        "en": ["09:04", "Tuesday 17 November", "17 November 2026", "17 Nov 2026", "November 2026"],
        "nb": ["09:04", "tirsdag 17. november", "17. november 2026", "17. nov. 2026", "november 2026"],
        "sv": ["09:04", "tisdag 17 november", "17 november 2026", "17 nov. 2026", "november 2026"],
    }.items():
        with subtests.test(language=language):
            assert [
                dates.to_time_text(moment, language),
                dates.to_weekday_text(day, language, 2026),
                dates.to_day_text(day, language),
                dates.to_short_day_text(day, language, 2027),
                dates.to_month_text(day, language),
            ] == texts


def test_every_text_is_translated_and_every_translation_is_used(subtests: pytest.Subtests) -> None:
    """After a change of texts, run `make texts` and write the missing translations."""
    collected = {message.id for message in collect_texts() if message.id}
    for language in TRANSLATED:
        with subtests.test(language=language):
            catalogue = read_catalogue(language)
            catalogue_texts = {message.id for message in catalogue if message.id}
            missing = (collected - catalogue_texts) | {message.id for message in missing_texts(catalogue)}
            assert missing == set(), "make texts"
            assert catalogue_texts - collected == set(), "make texts"


def test_collected_texts_are_those_of_templates_code_and_errors() -> None:
    texts = {str(message.id) for message in collect_texts()}
    assert {"Sign in", "Sites", "Second factor added", "The current password is wrong."} <= texts


def test_a_text_without_a_translation_is_reported() -> None:
    catalogue = read_catalogue("de")
    catalogue.add("A new text")
    assert "A new text" in {message.id for message in missing_texts(catalogue)}
