"""The shop's pages and its back end, beside the real server."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from widget_server.demo.articles import ARTICLES
from widget_server.demo.shop import Keys

from ..factories import MadeSite
from .conftest import AGENT_LINK
from .test_chats import wait_for

TILFREDS = "http://127.0.0.1:8000"
KEYS = Keys("sitekey", "tfk_apikey", "tfs_k1_secret")
TAGGED = ["/shop", "/shop?signed=1", "/one-line", *(article.path for article in ARTICLES.values())]


@pytest.fixture
def pages(shop_for: Callable[..., FlaskClient]) -> FlaskClient:
    """Return a client of the shop without a server beside it."""
    return shop_for(TILFREDS, KEYS)


def start(shop: FlaskClient, text: str = "My chain slips", **more: Any) -> str:
    chat = shop.post("/chats", json={"signed": more.get("signed", False)}).get_json()["conversation"]
    assert shop.post(f"/chats/{chat}/messages", json={"text": text, **more}).status_code == 200
    return chat


def authors(shop: FlaskClient, chat: str) -> list[str]:
    return [message["author"] for message in shop.get(f"/chats/{chat}").get_json()["messages"]]


def test_every_page_keeps_to_the_strictest_policies(pages: FlaskClient, subtests: pytest.Subtests) -> None:
    for path in ["/", *TAGGED]:
        with subtests.test(path=path):
            answer = pages.get(path)
            assert answer.status_code == 200
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "require-trusted-types-for 'script'" in policy
            assert "unsafe" not in policy
            assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", answer.text)


def test_a_page_has_the_public_tag_and_nothing_else_of_tilfreds(pages: FlaskClient, subtests: pytest.Subtests) -> None:
    for path in TAGGED:
        with subtests.test(path=path):
            page = pages.get(path).text
            assert f'<script async src="{TILFREDS}/w/{KEYS.site_key}.js"></script>' in page
            assert page.count(TILFREDS) == 1
            assert KEYS.api_key not in page
            assert KEYS.signing_secret not in page


def test_the_front_page_links_everything_and_has_the_snippet(pages: FlaskClient) -> None:
    page = pages.get("/").text
    for path in ("/shop", "/agent", "/one-line", "/help/slipping-chain", "/shop?signed=1"):
        assert f'href="{path}' in page
    assert f"&lt;script async src=&#34;{TILFREDS}/w/{KEYS.site_key}.js" in page.replace('"', "&#34;")
    assert "file://" in page


def test_the_agents_page_is_opened_with_a_sign_in_link(pages: FlaskClient) -> None:
    answer = pages.get("/agent")
    assert (answer.status_code, answer.location) == (303, AGENT_LINK)


def test_a_chat_reaches_tilfreds_as_it_is_written(shop: FlaskClient, krans: MadeSite, api_of: Any) -> None:
    chat = start(shop, browser="b" * 64, page="/shop", language="en")
    wait_for(lambda: authors(shop, chat) == ["visitor", "agent"])
    shop.get(f"/chats/{chat}/ledger")  # waits until all calls are sent
    conversation = api_of(krans).get(f"/conversations/{chat}").get_json()
    assert [message["author"] for message in conversation["segments"][0]["messages"]] == ["visitor", "agent"]
    assert (conversation["title"], conversation["page"]) == ("My chain slips", "/shop")


def test_the_reason_for_not_asking_appears_beside_the_chat(shop: FlaskClient, krans: MadeSite, api_of: Any) -> None:
    chat = start(shop)
    wait_for(lambda: authors(shop, chat) == ["visitor", "agent"])
    shop.post(f"/chats/{chat}/end", json={"by": "agent"})
    assert [row["words"] for row in shop.get(f"/chats/{chat}/ledger").get_json()["ledger"]] == [
        "Asked. The faces will appear on the page."
    ]
    shop.post(f"/chats/{chat}/messages", json={"text": "Thanks, bye"})
    shop.post(f"/chats/{chat}/end", json={"by": "agent"})
    last = shop.get(f"/chats/{chat}/ledger").get_json()["ledger"][-1]
    assert last["status"] == "not_asked"
    assert last["words"].startswith("Segment 2: Not asked: ")


def test_a_signed_in_customer_is_named_and_signed_for(shop: FlaskClient, krans: MadeSite, api_of: Any) -> None:
    opened = shop.post("/chats", json={"signed": True}).get_json()
    assert opened.keys() == {"conversation", "visitor", "signature", "expires"}
    shop.post(f"/chats/{opened['conversation']}/messages", json={"text": "Hello", "signed": True})
    assert api_of(krans).get(f"/conversations/{opened['conversation']}").get_json()["visitor"] == opened["visitor"]


def test_an_unknown_chat_is_not_found(shop: FlaskClient) -> None:
    for method, path in (("GET", ""), ("POST", "/messages"), ("POST", "/end"), ("GET", "/ledger")):
        assert shop.open(f"/chats/chat-unknown{path}", method=method, json={"text": "x"}).status_code == 404


def test_a_message_without_printable_text_is_rejected(shop: FlaskClient, subtests: pytest.Subtests) -> None:
    for text in ("", "   ", "\x00", "\ud800"):
        with subtests.test(text=text):
            chat = shop.post("/chats", json={}).get_json()["conversation"]
            assert shop.post(f"/chats/{chat}/messages", json={"text": text}).status_code == 422


def test_characters_that_tilfreds_rejects_are_removed_from_a_message(
    shop: FlaskClient, krans: MadeSite, api_of: Any
) -> None:
    chat = start(shop, "My\x00 chain\nslips \ud83d")
    conversation = api_of(krans).get(f"/conversations/{chat}").get_json()
    assert conversation["segments"][0]["messages"][0]["text"] == "My chain\nslips"


def test_another_site_cannot_write_into_a_chat(shop: FlaskClient) -> None:
    chat = start(shop)
    response = shop.post(f"/chats/{chat}/messages", data='{"text": "x"}', content_type="text/plain")
    assert response.status_code == 415
