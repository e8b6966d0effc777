"""Tests of conversations as a back end writes and reads them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.api.conftest import Chat
from tests.back_end import Api
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from widget_server.conversations.models import CHANNELS

FACTS = {
    "title": "Where is my order?",
    "channel": "phone",
    "customer_reference": "C-17",
    "case_type": "delivery",
    "product_area": "shop",
    "touchpoint": "checkout",
    "team": "North",
    "language": "pt-BR",
    "page": "https://shop.example/orders",
    "custom_fields": {"plan": "gold", "Größe": "XL\nlang"},
    "queued_at": "2026-03-01T10:00:00Z",
    "accepted_at": "2026-03-01T10:01:00Z",
    "escalated_at": "2026-03-01T10:02:00Z",
}


def path_of(external_id: str) -> str:
    return f"/conversations/{quote(external_id, safe='')}"


@ON_BOTH
def test_the_fields_of_a_conversation_are_read_back(api: Api) -> None:
    answer = api.put("/conversations/c1", {**FACTS, "visitor": "ann"})

    read = api.get("/conversations/c1").get_json()
    assert answer.status_code == 200
    assert {name: read[name] for name in FACTS} == FACTS
    assert (read["external_id"], read["visitor"]) == ("c1", "ann")


@ON_BOTH
def test_a_missing_field_stays_and_null_clears_it(api: Api) -> None:
    api.put("/conversations/c1", {**FACTS, "visitor": "ann"})

    answer = api.put("/conversations/c1", {"title": None, "team": "South"}).get_json()

    changed = {name: answer[name] for name in FACTS if answer[name] != FACTS[name]}
    assert changed == {"title": None, "team": "South"}
    assert answer["visitor"] == "ann"


IDS = [
    "a",
    "a/b",
    "a//b",
    "/a",
    "a/",
    "/",
    "..",
    "../x",
    ".",
    "100%",
    "%2F",
    "ä ö",
    "😀",
    "a?b#c",
    "a+b",
    "x" * 200,
    "é" * 200,
]


@ON_BOTH
def test_any_text_can_be_an_id(api: Api, subtests: pytest.Subtests) -> None:
    api.put(path_of("other"), {"title": "other"})
    for external_id in IDS:
        with subtests.test(external_id=external_id):
            put_response = api.put(path_of(external_id), {"title": f"titled {external_id}"})
            message = {"external_id": external_id, "author": "visitor", "text": "Hello"}
            post_response = api.post(f"{path_of(external_id)}/messages", message)

            conversation = api.get(path_of(external_id)).get_json()
            assert (put_response.status_code, post_response.status_code) == (200, 200)
            assert (conversation["external_id"], conversation["title"]) == (external_id, f"titled {external_id}")
            assert [message["external_id"] for message in conversation["segments"][0]["messages"]] == [external_id]


MALFORMED_IDS = ["a\nb", "\x7f", "\x85", "x" * 201, "a/end", "a/messages", "a/b/reopen", "a/invitations"]
#: Calls of routes that do not exist, which would create something of that name.
MALFORMED_IDS += ["17/messages/5", "17/end/now", "17/ask/again", "order/17/reopen/x", "17/scores", "17/erase"]


def test_an_id_that_could_not_be_addressed_is_rejected(api: Api, subtests: pytest.Subtests) -> None:
    for external_id in MALFORMED_IDS:
        with subtests.test(external_id=external_id):
            answer = api.put(path_of(external_id), {})

            assert (answer.status_code, answer.get_json()["pointer"]) == (422, "/external_id")
            assert api.get("/conversations").get_json()["conversations"] == []


def test_an_id_that_is_not_utf8_is_rejected(api: Api) -> None:
    assert api.put("/conversations/%ff", {}).get_json()["pointer"] == "/external_id"


REJECTED: list[tuple[dict[str, Any], str]] = [
    ({"id": "x"}, "/id"),
    ({"site_id": "x"}, "/site_id"),
    ({"visitor_id": "x"}, "/visitor_id"),
    ({"browser_hash": "x"}, "/browser_hash"),
    ({"unverified_id": "x"}, "/unverified_id"),
    ({"erased_at": None}, "/erased_at"),
    ({"latest_at": "2026-03-01T10:00:00Z"}, "/latest_at"),
    ({"channel": None}, "/channel"),
    ({"channel": "fax"}, "/channel"),
    ({"visitor": None}, "/visitor"),
    ({"visitor": ""}, "/visitor"),
    ({"visitor": "a\x00"}, "/visitor"),
    ({"browser": "f" * 63}, "/browser"),
    ({"browser": "F" * 64}, "/browser"),
    ({"browser": "f" * 64 + "\n"}, "/browser"),
    ({"title": 5}, "/title"),
    ({"title": "x" * 301}, "/title"),
    ({"page": "x" * 501}, "/page"),
    ({"language": "en<b>"}, "/language"),
    ({"language": "en\n"}, "/language"),
    ({"queued_at": "2026-03-01T10:00:00"}, "/queued_at"),
    ({"queued_at": "yesterday"}, "/queued_at"),
    ({"queued_at": 1772359200}, "/queued_at"),
    ({"custom_fields": {"a": 1}}, "/custom_fields/a"),
    ({"custom_fields": {"a/b~c": None}}, "/custom_fields/a~1b~0c"),
    ({"custom_fields": {"x" * 61: "1"}}, "/custom_fields/" + "x" * 61),
    ({"custom_fields": {"a": "x" * 501}}, "/custom_fields/a"),
    ({"custom_fields": {str(number): "" for number in range(21)}}, "/custom_fields"),
    ({"custom_fields": None}, "/custom_fields"),
    ({"custom_fields": []}, "/custom_fields"),
]


def test_a_wrong_field_is_rejected_and_changes_nothing(api: Api, subtests: pytest.Subtests) -> None:
    api.put("/conversations/c1", FACTS)
    before = api.get("/conversations/c1").get_json()
    for fields, pointer in REJECTED:
        with subtests.test(fields=fields):
            answer = api.put("/conversations/c1", {"team": "South", **fields})

            assert (answer.status_code, answer.get_json()["pointer"]) == (422, pointer)
            assert api.get("/conversations/c1").get_json() == before


@ON_BOTH
def test_a_browser_belongs_to_one_conversation(api: Api) -> None:
    api.put("/conversations/c1", {"browser": "a" * 64})

    again = api.put("/conversations/c1", {"browser": "a" * 64})
    conflict = api.put("/conversations/c2", {"browser": "a" * 64})

    assert again.status_code == 200
    assert (conflict.status_code, conflict.get_json()["code"]) == (409, "browser_taken")


def test_no_response_contains_the_browser(api: Api) -> None:
    put_response = api.put("/conversations/c1", {"browser": "ab" * 32})

    for response in (put_response, api.get("/conversations/c1"), api.get("/conversations")):
        assert "ab" * 32 not in response.text


def test_another_sites_conversation_is_like_a_missing_one(make: Make, api: Api, chat: Chat) -> None:
    stranger = Api(api.client, make.site(name="Other").api_key)
    chat.end()

    for method, below, body in (
        ("GET", "", None),
        ("GET", "/invitations", None),
        ("POST", "/messages", {"external_id": "m1", "author": "visitor", "text": "Hello"}),
        ("POST", "/end", {}),
        ("POST", "/reopen", None),
    ):
        foreign = stranger.call(method, f"/conversations/c1{below}", body)
        missing = stranger.call(method, f"/conversations/c9{below}", body)
        assert foreign.status_code == 404
        assert foreign.data == missing.data
        assert dict(foreign.headers) | {"X-Request-Id": ""} == dict(missing.headers) | {"X-Request-Id": ""}


@ON_BOTH
def test_two_sites_keep_the_same_id_apart(make: Make, api: Api) -> None:
    other = Api(api.client, make.site(name="Other").api_key)
    api.put("/conversations/c1", {"title": "ours", "browser": "a" * 64})

    theirs = other.put("/conversations/c1", {"title": "theirs", "browser": "a" * 64})

    assert theirs.status_code == 200
    assert api.get("/conversations/c1").get_json()["title"] == "ours"


@ON_BOTH
def test_a_conversation_that_only_a_page_reported_is_read_by_its_internal_id(
    api: Api, site: MadeSite, make: Make
) -> None:
    make.survey(site)
    page = {
        "conversation": "c1",
        "browser": "A" * 21 + "A",
        "revisions": [],
        "page": "https://shop.example/",
        "lang": "en",
    }
    api.client.post(f"/w/{site.key}/ended", json=page, headers={"Origin": "https://shop.example"})

    (row,) = api.get("/conversations").get_json()["conversations"]
    read = api.get(f"/conversations/{row['id']}")

    assert (row["external_id"], row["unverified_id"]) == (None, "c1")
    assert read.status_code == 200 and read.get_json()["unverified_id"] == "c1"
    assert api.get("/conversations/c1").status_code == 404
    assert api.get(f"/conversations/{row['id']}/invitations").get_json()["invitations"][0]["proof"] == "page"


def test_a_conversation_with_an_external_id_is_not_read_by_its_internal_id(api: Api, chat: Chat) -> None:
    assert api.get(f"/conversations/{chat.read()['id']}").status_code == 404


@ON_BOTH
def test_every_channel_is_stored_filtered_and_asked_by_its_rules(
    api: Api, make: Make, site: MadeSite, subtests: pytest.Subtests
) -> None:
    make.survey(site)
    for channel in CHANNELS:
        with subtests.test(channel=channel):
            make.chat(site, f"by-{channel}", channel=channel)
            assert make.end(site, f"by-{channel}")["asked"]
            listed = api.get(f"/conversations?channel={channel}").get_json()["conversations"]
            assert [(row["external_id"], row["channel"]) for row in listed] == [(f"by-{channel}", channel)]
