"""An owner words the widget anew, text by text, and gives words back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.back_end import Api, done
from widget_server.surveys.default_texts import TEXTS


def ours(language: str) -> dict[str, str]:
    """All that the widget says by itself in a language."""
    file = json.loads((TEXTS / f"{language}.json").read_text("utf-8"))
    return {key: text for key, text in (file["core"] | file["later"]).items() if key != "dir"}


def speak(api: Api, *languages: str) -> None:
    done(api.patch("/site", {"languages": list(languages)}))


def word(api: Api, texts: Any) -> Any:
    """The site's own texts after a change."""
    return done(api.patch("/site", {"texts": texts}))["texts"]


def test_a_change_is_merged_and_null_gives_back_one_text_a_language_or_all(api: Api) -> None:
    speak(api, "en", "da")
    assert done(api.get("/site"))["texts"] == {}
    assert word(api, {"en": {"saved": "Got it.", "done": "Send"}, "da": {"saved": "Tak!"}}) == {
        "en": {"saved": "Got it.", "done": "Send"},
        "da": {"saved": "Tak!"},
    }
    assert word(api, {"en": {"done": "Finish"}})["en"] == {"saved": "Got it.", "done": "Finish"}
    assert word(api, {"en": {"saved": None}}) == {"en": {"done": "Finish"}, "da": {"saved": "Tak!"}}
    assert word(api, {"da": {"saved": None}}) == {"en": {"done": "Finish"}}, "an empty language is none"
    word(api, {"da": {"saved": "Tak!"}})
    assert word(api, {"en": None}) == {"da": {"saved": "Tak!"}}
    assert word(api, None) == {}
    assert done(api.get("/site"))["texts"] == {}


def test_every_text_of_ours_can_be_taken_as_its_own(api: Api) -> None:
    """So whoever copies what GET shows, and changes a word of it, is not refused."""
    for language in ("en", "de", "bn", "ar"):
        speak(api, language)
        assert word(api, {language: ours(language)}) == {language: ours(language)}
        word(api, None)


REFUSED: list[tuple[Any, str, str]] = [
    ({"en": {"hello": "Hi"}}, "/texts/en/hello", "GET /languages/en"),
    ({"en": {"dir": "rtl"}}, "/texts/en/dir", "GET /languages/en"),
    ({"en": {"hello": None}}, "/texts/en/hello", "GET /languages/en"),
    ({"en": {"saved": ""}}, "/texts/en/saved", "1 to 300"),
    ({"en": {"saved": " "}}, "/texts/en/saved", "1 to 300"),
    ({"en": {"saved": "x" * 301}}, "/texts/en/saved", "1 to 300"),
    ({"en": {"done": "x" * 61}}, "/texts/en/done", "1 to 60"),
    ({"en": {"saved": 3}}, "/texts/en/saved", "text"),
    ({"en": {"saved": "two\nlines"}}, "/texts/en/saved", "control"),
    ({"en": {"answered": "You answered."}}, "/texts/en/answered", "{} once"),
    ({"en": {"answered": "{} and {}"}}, "/texts/en/answered", "{} once"),
    ({"en": {"saved": "Saved {}"}}, "/texts/en/saved", "must not contain"),
    ({"en": "Hi"}, "/texts/en", "object"),
    ({"da": {"saved": "Tak"}}, "/texts/da", "the site's (en)"),
    ({"EN": {"saved": "Tak"}}, "/texts/EN", "the site's (en)"),
    ([], "/texts", "object"),
]


def test_what_could_not_be_shown_is_refused_by_name_and_changes_nothing(api: Api, subtests: pytest.Subtests) -> None:
    word(api, {"en": {"saved": "Got it."}})
    for texts, pointer, said in REFUSED:
        with subtests.test(texts=texts):
            refused = api.patch("/site", {"name": "Other", "texts": texts})
            problem = refused.get_json()
            assert (refused.status_code, problem["pointer"]) == (422, pointer)
            assert said in problem["detail"]
            site = done(api.get("/site"))
            assert (site["name"], site["texts"]) == ("Shop", {"en": {"saved": "Got it."}})


def test_a_language_and_its_words_may_come_in_one_change(api: Api) -> None:
    body = {"languages": ["en", "pt-BR"], "texts": {"pt-BR": {"saved": "Salvo!"}, "pt": {"done": "Pronto"}}}
    assert done(api.patch("/site", body))["texts"] == body["texts"]


def test_a_new_site_may_bring_its_words(operator: Api) -> None:
    body = {"name": "Shop", "languages": ["da"], "texts": {"da": {"saved": "Tak!", "done": None}}}
    assert done(operator.post("/sites", body))["texts"] == {"da": {"saved": "Tak!"}}
    refused = operator.post("/sites", {"name": "Shop", "texts": {"da": {"saved": "Tak!"}}})
    assert refused.get_json()["pointer"] == "/texts/da"


def test_a_language_shows_what_can_be_worded_and_what_is(api: Api) -> None:
    speak(api, "da", "pt-BR", "br")
    word(api, {"da": {"saved": "Tak!"}, "pt": {"saved": "Obrigado!"}})
    told = done(api.get("/languages/da"))
    assert (told["code"], told["name"], told["status"], told["dir"]) == ("da", "Dansk", "machine", "ltr")
    assert {one["key"]: one["default"] for one in told["texts"]} == ours("da")
    assert {one["key"]: one["own"] for one in told["texts"] if one["own"]} == {"saved": "Tak!"}
    assert {one["key"]: one["longest"] for one in told["texts"]}["done"] == 60
    brazil = done(api.get("/languages/pt-BR"))
    assert (brazil["code"], brazil["name"]) == ("pt-BR", "Português")
    assert all(one["own"] is None for one in brazil["texts"]), "its parent's words are its parent's"
    breton = done(api.get("/languages/br"))
    assert {one["key"]: one["default"] for one in breton["texts"]} == ours("en")
    assert api.get("/languages/english").status_code == 404
    assert api.get("/languages/EN").status_code == 404


def test_another_sites_words_are_not_shown(api: Api, operator: Api) -> None:
    other = done(operator.post("/sites", {"name": "Other", "texts": {"en": {"saved": "Theirs"}}}))
    assert "Theirs" not in api.get("/languages/en").text
    assert "Theirs" in Api(api.client, other["api_key"]).get("/languages/en").text
