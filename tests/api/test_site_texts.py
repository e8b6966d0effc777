"""Tests of a site's overrides of the widget's texts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.back_end import Api, done
from widget_server.surveys.default_texts import TEXTS


def default_texts(language: str) -> dict[str, str]:
    """Return the widget's default texts in a language."""
    file = json.loads((TEXTS / f"{language}.json").read_text("utf-8"))
    return {key: text for key, text in (file["core"] | file["later"]).items() if key != "dir"}


def set_languages(api: Api, *languages: str) -> None:
    done(api.patch("/site", {"languages": list(languages)}))


def change_texts(api: Api, texts: Any) -> Any:
    """Change the site's texts and return them."""
    return done(api.patch("/site", {"texts": texts}))["texts"]


def test_a_change_is_merged_and_null_restores_one_text_a_language_or_all(api: Api) -> None:
    set_languages(api, "en", "da")
    assert done(api.get("/site"))["texts"] == {}
    assert change_texts(api, {"en": {"saved": "Got it.", "done": "Send"}, "da": {"saved": "Tak!"}}) == {
        "en": {"saved": "Got it.", "done": "Send"},
        "da": {"saved": "Tak!"},
    }
    assert change_texts(api, {"en": {"done": "Finish"}})["en"] == {"saved": "Got it.", "done": "Finish"}
    assert change_texts(api, {"en": {"saved": None}}) == {"en": {"done": "Finish"}, "da": {"saved": "Tak!"}}
    assert change_texts(api, {"da": {"saved": None}}) == {"en": {"done": "Finish"}}, "an empty language is none"
    change_texts(api, {"da": {"saved": "Tak!"}})
    assert change_texts(api, {"en": None}) == {"da": {"saved": "Tak!"}}
    assert change_texts(api, None) == {}
    assert done(api.get("/site"))["texts"] == {}


def test_every_default_text_can_be_an_override(api: Api) -> None:
    """Check that an owner may copy the texts of GET and change a word."""
    for language in ("en", "de", "bn", "ar"):
        set_languages(api, language)
        assert change_texts(api, {language: default_texts(language)}) == {language: default_texts(language)}
        change_texts(api, None)


REJECTED: list[tuple[Any, str, str]] = [
    ({"en": {"hello": "Hi"}}, "/texts/en/hello", "GET /languages/en"),
    ({"en": {"dir": "rtl"}}, "/texts/en/dir", "GET /languages/en"),
    ({"en": {"hello": None}}, "/texts/en/hello", "GET /languages/en"),
    ({"en": {"saved": ""}}, "/texts/en/saved", "1 to 300"),
    ({"en": {"saved": " "}}, "/texts/en/saved", "1 to 300"),
    ({"en": {"saved": "x" * 301}}, "/texts/en/saved", "1 to 300"),
    ({"en": {"done": "x" * 61}}, "/texts/en/done", "1 to 60"),
    ({"en": {"saved": 3}}, "/texts/en/saved", "must be a string"),
    ({"en": {"saved": "two\nlines"}}, "/texts/en/saved", "control"),
    ({"en": {"answered": "You answered."}}, "/texts/en/answered", "{} once"),
    ({"en": {"answered": "{} and {}"}}, "/texts/en/answered", "{} once"),
    ({"en": {"saved": "Saved {}"}}, "/texts/en/saved", "must not contain"),
    ({"en": "Hi"}, "/texts/en", "object"),
    ({"da": {"saved": "Tak"}}, "/texts/da", "the site's (en)"),
    ({"EN": {"saved": "Tak"}}, "/texts/EN", "the site's (en)"),
    ([], "/texts", "object"),
]


def test_a_text_that_cannot_be_shown_is_rejected_and_changes_nothing(api: Api, subtests: pytest.Subtests) -> None:
    change_texts(api, {"en": {"saved": "Got it."}})
    for texts, pointer, reason in REJECTED:
        with subtests.test(texts=texts):
            response = api.patch("/site", {"name": "Other", "texts": texts})
            problem = response.get_json()
            assert (response.status_code, problem["pointer"]) == (422, pointer)
            assert reason in problem["detail"]
            site = done(api.get("/site"))
            assert (site["name"], site["texts"]) == ("Shop", {"en": {"saved": "Got it."}})


def test_one_change_may_add_a_language_and_its_texts(api: Api) -> None:
    body = {"languages": ["en", "pt-BR"], "texts": {"pt-BR": {"saved": "Salvo!"}, "pt": {"done": "Pronto"}}}
    assert done(api.patch("/site", body))["texts"] == body["texts"]


def test_a_new_site_may_have_texts(operator: Api) -> None:
    body = {"name": "Shop", "languages": ["da"], "texts": {"da": {"saved": "Tak!", "done": None}}}
    assert done(operator.post("/sites", body))["texts"] == {"da": {"saved": "Tak!"}}
    response = operator.post("/sites", {"name": "Shop", "texts": {"da": {"saved": "Tak!"}}})
    assert response.get_json()["pointer"] == "/texts/da"


def test_a_language_lists_its_texts_and_the_overrides(api: Api) -> None:
    set_languages(api, "da", "pt-BR", "br")
    change_texts(api, {"da": {"saved": "Tak!"}, "pt": {"saved": "Obrigado!"}})
    danish = done(api.get("/languages/da"))
    assert (danish["code"], danish["name"], danish["status"], danish["dir"]) == ("da", "Dansk", "machine", "ltr")
    assert {text["key"]: text["default"] for text in danish["texts"]} == default_texts("da")
    assert {text["key"]: text["own"] for text in danish["texts"] if text["own"]} == {"saved": "Tak!"}
    assert {text["key"]: text["longest"] for text in danish["texts"]}["done"] == 60
    brazilian = done(api.get("/languages/pt-BR"))
    assert (brazilian["code"], brazilian["name"]) == ("pt-BR", "Português")
    assert all(text["own"] is None for text in brazilian["texts"]), "overrides of the parent are not its own"
    breton = done(api.get("/languages/br"))
    assert {text["key"]: text["default"] for text in breton["texts"]} == default_texts("en")
    assert api.get("/languages/english").status_code == 404
    assert api.get("/languages/EN").status_code == 404


def test_texts_of_another_site_are_not_listed(api: Api, operator: Api) -> None:
    other = done(operator.post("/sites", {"name": "Other", "texts": {"en": {"saved": "Theirs"}}}))
    assert "Theirs" not in api.get("/languages/en").text
    assert "Theirs" in Api(api.client, other["api_key"]).get("/languages/en").text
