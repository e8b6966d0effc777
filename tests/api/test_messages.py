"""Tests of messages: each belongs to the right segment, at any time and order of its arrival."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Chat
from tests.back_end import Api, done
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock


def texts_of(read: Any) -> list[list[str]]:
    return [[message["text"] for message in segment["messages"]] for segment in read["segments"]]


@ON_BOTH
def test_messages_arrive_in_any_order_and_are_sorted_by_time(api: Api, chat: Chat) -> None:
    later = {"external_id": "b", "author": "bot", "text": "second", "sent_at": "2020-01-01T01:00:01+01:00"}
    sooner = {"external_id": "a", "author": "visitor", "text": "first", "sent_at": "2020-01-01T00:00:00Z"}

    stored = api.post("/conversations/c1/messages", {"messages": [later, sooner]}).get_json()["messages"]

    assert [(message["external_id"], message["segment"]) for message in stored] == [("b", 1), ("a", 1)]
    assert texts_of(chat.read()) == [["first", "second", "Hello", "Hi"]]


@ON_BOTH
def test_a_message_sent_twice_is_stored_once(api: Api, chat: Chat) -> None:
    message = {"external_id": "same", "author": "visitor", "text": "Anyone?"}

    first = api.post("/conversations/c1/messages", message).get_json()
    again = api.post("/conversations/c1/messages", {"messages": [message, message]}).get_json()

    assert again["messages"] == first["messages"] * 2
    assert texts_of(chat.read()) == [["Hello", "Hi", "Anyone?"]]


@ON_BOTH
def test_the_same_id_with_another_author_is_rejected_and_the_first_stays(api: Api, chat: Chat) -> None:
    other = {"external_id": "m1", "author": "bot", "text": "Hello"}

    one = api.post("/conversations/c1/messages", other)
    several = api.post("/conversations/c1/messages", {"messages": [{**other, "external_id": "new"}, other]})

    assert (one.status_code, one.get_json()["code"], one.get_json()["pointer"]) == (422, "conflict", "/external_id")
    assert several.get_json()["pointer"] == "/messages/1/external_id"
    assert texts_of(chat.read()) == [["Hello", "Hi"]]


def test_a_message_of_an_unknown_conversation_is_rejected_with_what_to_do(api: Api) -> None:
    answer = api.post("/conversations/none/messages", {"external_id": "m", "author": "visitor", "text": "Hello"})

    assert answer.status_code == 404 and "PUT /api/v1/conversations" in answer.get_json()["detail"]


def test_a_message_has_its_agents_name(api: Api, chat: Chat) -> None:
    api.put("/agents/a1", {"name": "Sam", "team": "North"})

    chat.write("agent", "I am Sam", agent="a1")

    assert [message["agent"] for message in chat.read()["segments"][0]["messages"]] == [None, None, "Sam"]


REJECTED: list[tuple[dict[str, Any], str]] = [
    ({"author": "owner"}, "/author"),
    ({"author": None}, "/author"),
    ({"text": None}, "/text"),
    ({"text": "a\x00b"}, "/text"),
    ({"text": "\ud800"}, "/text"),
    ({"text": "x" * 20_001}, "/text"),
    ({"external_id": ""}, "/external_id"),
    ({"external_id": 1}, "/external_id"),
    ({"external_id": "a\nb"}, "/external_id"),
    ({"agent": "a1"}, "/agent"),
    ({"author": "agent", "agent": "nobody"}, "/agent"),
    ({"sent_at": "2026-01-01T10:00:00"}, "/sent_at"),
    ({"sent_at": "2026-13-01T10:00:00Z"}, "/sent_at"),
    ({"sent_at": "0001-01-01T00:00:00+23:59"}, "/sent_at"),
    ({"sent_at": True}, "/sent_at"),
    ({"arrival": 1}, "/arrival"),
    ({"segment_id": "x"}, "/segment_id"),
]


def test_a_wrong_message_is_rejected_alone_and_in_a_list(api: Api, chat: Chat, subtests: pytest.Subtests) -> None:
    good = {"external_id": "m9", "author": "visitor", "text": "Hello"}
    for fields, pointer in REJECTED:
        with subtests.test(fields=fields):
            wrong = {**good, **fields}
            one = api.post("/conversations/c1/messages", wrong)
            among = api.post("/conversations/c1/messages", {"messages": [{**good, "external_id": "m8"}, wrong]})

            assert (one.status_code, one.get_json()["pointer"]) == (422, pointer)
            assert (among.status_code, among.get_json()["pointer"]) == (422, f"/messages/1{pointer}")
            assert texts_of(chat.read()) == [["Hello", "Hi"]]


def test_no_messages_and_too_many_are_rejected(api: Api, chat: Chat) -> None:
    for count in (0, 501):
        messages = [{"external_id": str(number), "author": "bot", "text": ""} for number in range(count)]
        assert api.post("/conversations/c1/messages", {"messages": messages}).get_json()["pointer"] == "/messages"


@ON_BOTH
def test_five_hundred_messages_are_accepted_at_once(api: Api, chat: Chat) -> None:
    messages = [{"external_id": str(number), "author": "bot", "text": str(number)} for number in range(500)]

    answer = api.post("/conversations/c1/messages", {"messages": messages})

    assert answer.status_code == 200
    assert len(api.get("/conversations/c1?messages=5000").get_json()["segments"][0]["messages"]) == 502
    assert api.get("/conversations/c1?messages=10").get_json()["earlier"] is True


@ON_BOTH
def test_an_end_returns_whether_the_visitor_is_asked_and_repeats_it(
    chat: Chat, make: Make, site: MadeSite, api: Api
) -> None:
    make.survey(site)

    first, again = chat.end().get_json(), chat.end().get_json()

    assert (first["segment"], first["asked"], first["reason"]) == (1, True, None)
    assert again == first
    assert chat.read()["segments"][0]["status"] == "waiting"


@pytest.mark.parametrize(
    ("authors", "fields", "reason", "words"),
    [
        (["agent"], {}, "no_visitor_message", "the visitor wrote nothing"),
        (["visitor", "bot"], {}, "no_person_answered", "no person answered"),
        (["visitor", "agent"], {"ask": False}, "manual", "closed without asking"),
    ],
)
def test_the_reason_not_to_ask_is_in_the_decision_and_in_the_invitations(
    api: Api, make: Make, site: MadeSite, authors: list[str], fields: dict[str, Any], reason: str, words: str
) -> None:
    make.survey(site)
    chat = Chat(api, "c1")
    chat.put(team="North")
    for author in authors:
        chat.write(author)

    answer = chat.end(**fields).get_json()

    assert (answer["asked"], answer["reason"], answer["reason_text"]) == (False, reason, words)
    (row,) = api.get("/conversations/c1/invitations").get_json()["invitations"]
    assert (row["status"], row["reason"], row["reason_text"], row["segment"]) == ("not_asked", reason, words, 1)
    assert row["context"]["team"] == "North"
    assert (chat.read()["segments"][0]["status"], chat.read()["segments"][0]["reason_text"]) == ("not_asked", words)


@ON_BOTH
def test_the_context_does_not_change_with_the_conversation(api: Api, chat: Chat, make: Make, site: MadeSite) -> None:
    make.survey(site)
    api.put("/agents/a1", {"name": "Sam"})
    chat.put(team="North")
    chat.end(closer="a1")

    chat.put(team="South")
    api.put("/agents/a1", {"name": "Samuel"})

    (row,) = api.get("/conversations/c1/invitations").get_json()["invitations"]
    assert (row["context"]["team"], row["context"]["visitor"]) == ("North", "ann")
    assert [agent["name"] for agent in row["context"]["agents"]] == ["Sam"]


@ON_BOTH
def test_a_message_or_a_reopening_starts_a_new_segment(clock: SetClock, chat: Chat, api: Api) -> None:
    clock.forward(minutes=1)
    chat.end()
    clock.forward(minutes=1)

    chat.write("visitor", "One more thing")
    chat.end()
    reopened = api.post("/conversations/c1/reopen")

    assert reopened.get_json()["segment"] == 3
    again = api.post("/conversations/c1/reopen")
    assert (again.status_code, again.get_json()["segment"]) == (reopened.status_code, 3), "a repeated call"
    assert texts_of(chat.read()) == [["Hello", "Hi"], ["One more thing"], []]


@ON_BOTH
def test_a_late_message_sent_before_the_end_joins_the_ended_segment_and_moves_the_pin(
    clock: SetClock, chat: Chat
) -> None:
    clock.forward(minutes=5)
    chat.end()
    clock.forward(minutes=5)

    chat.write("agent", "late", sent_at="2026-03-03T10:04:00Z")

    (segment,) = chat.read()["segments"]
    assert segment["messages"][-1]["text"] == "late"
    assert segment["pin"] == segment["messages"][-1]["external_id"]


REJECTED_ENDS: list[tuple[dict[str, Any], str]] = [
    ({"closer": "nobody"}, "/closer"),
    ({"ask": "no"}, "/ask"),
    ({"ask": 0}, "/ask"),
    ({"ended_at": "2026-01-01"}, "/ended_at"),
    ({"reason": "manual"}, "/reason"),
]


def test_a_wrong_end_ends_nothing(chat: Chat, subtests: pytest.Subtests) -> None:
    for fields, pointer in REJECTED_ENDS:
        with subtests.test(fields=fields):
            answer = chat.end(**fields)

            assert (answer.status_code, answer.get_json()["pointer"]) == (422, pointer)
            assert chat.read()["segments"][0]["status"] == "open"


def test_an_end_needs_no_body(api: Api, chat: Chat) -> None:
    answer = api.client.post("/api/v1/conversations/c1/end", headers={"Authorization": f"Bearer {api.key}"})

    assert answer.status_code == 200


@ON_BOTH
def test_all_messages_are_read_page_by_page(api: Api, chat: Chat) -> None:
    new_messages = [
        {
            "external_id": f"n{number}",
            "author": "visitor",
            "text": f"{number}",
            "sent_at": f"2020-01-01T00:00:0{second}Z",
        }
        for number, second in enumerate((1, 2, 2, 2, 3))
    ]
    done(api.post("/conversations/c1/messages", {"messages": new_messages}))
    pages, query = [], "?limit=2"
    while query:
        page = done(api.get(f"/conversations/c1/messages{query}"))
        pages.append([message["text"] for message in page["messages"]])
        query = f"?limit=2&cursor={page['next_cursor']}" if page["next_cursor"] else ""

    assert [len(page) for page in pages] == [2, 2, 2, 1]
    texts = [text for page in pages for text in page]
    assert texts[:3] == ["Hi", "Hello", "4"]
    assert (sorted(texts[3:6]), texts[6]) == (["1", "2", "3"], "0")
    first = done(api.get("/conversations/c1/messages?limit=1"))["messages"][0]
    assert (first["author"], first["segment"], first["edited_at"]) == ("agent", 1, None)
