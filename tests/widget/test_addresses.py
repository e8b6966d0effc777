"""Long, encoded or malformed addresses from browsers lose no press."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from ..databases import ON_BOTH
from .conftest import Page, press_id

JAPANESE = "/" + "返品について" * 80
ODD: dict[str, dict[str, Any]] = {
    "no language tag": {"lang": "en_US"},
    "a word for one": {"lang": "english"},
    "a long address": {"page": "https://shop.example/" + "a" * 3_000},
    "a longer one": {"page": "https://shop.example/" + "a" * 5_000},
    "a long query": {"page": "https://shop.example/a?" + "b" * 3_000},
    "no address": {"page": "http://["},
}


@pytest.fixture
def votes(api: Any) -> Any:
    return lambda: api.get("/votes").get_json()["votes"]


@ON_BOTH
def test_a_malformed_optional_field_does_not_lose_a_press(
    page: Page, article_page: Page, subtests: pytest.Subtests
) -> None:
    for name, odd in ODD.items():
        with subtests.test(odd=name):
            chat = replace(page, browser=press_id())
            token = chat.end(**odd).get_json()["token"]
            for one, target in ((chat, token), (article_page, {"kind": "article", "subject": "/a"})):
                assert one.vote(target, **odd).status_code == 200
    assert article_page.vote({"kind": "article", "subject": "/b"}, lang=5).status_code == 422


READ_BY_PEOPLE = {
    quote(JAPANESE): JAPANESE,
    "/%D8%A7%D9%84/a%2Fb%20c": "/ال/a%2Fb%20c",
    "/%e6%97%A5": "/日",
    "/%FF%FE": "/%FF%FE",
    "/%C2%85": "/%C2%85",
    "https://shop.example/%C3%A9?a=%C3%A9#x": "/é",
}


@ON_BOTH
def test_an_articles_name_is_decoded(article_page: Page, votes: Any, subtests: pytest.Subtests) -> None:
    for subject, name in READ_BY_PEOPLE.items():
        with subtests.test(subject=subject):
            before = {vote["id"] for vote in votes()}
            assert article_page.vote({"kind": "article", "subject": subject}).status_code == 200
            assert article_page.post("seen", {"kind": "article", "subject": name}).status_code == 204
            assert [vote["subject"] for vote in votes() if vote["id"] not in before] == [name]


@pytest.mark.parametrize("kind", ["article", "order"])
def test_a_name_that_is_too_long_is_refused_by_name(article_page: Page, kind: str) -> None:
    answer = article_page.vote({"kind": kind, "subject": "/" + "a" * 500})
    assert (answer.status_code, answer.get_json()["pointer"]) == (422, "/subject")
