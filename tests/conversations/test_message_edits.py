"""Messages that are edited, removed, or get their agent later."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from ..back_end import Api
from ..databases import ON_BOTH
from ..factories import MadeSite, Make
from ..frozen_clock import SetClock
from .rows import rows, wrong_counts
from .talk import Talk, done


@pytest.fixture(autouse=True)
def agents(make: Make, site: MadeSite) -> None:
    for name in ("Nora", "Emil"):
        make.agent(site, name.lower(), name)


def message(external_id: str, text: str = "Hello", author: str = "visitor", **fields: Any) -> dict[str, Any]:
    return {"external_id": external_id, "author": author, "text": text, **fields}


def send(talk: Talk, *messages: dict[str, Any], status: int = 200) -> Any:
    return done(talk.api.post(f"{talk.path}/messages", {"messages": list(messages)}), status)


def texts(talk: Talk) -> list[str]:
    return [line["text"] for segment in talk.segments() for line in segment["messages"]]


def lines(talk: Talk) -> list[dict[str, Any]]:
    return [line for segment in talk.segments() for line in segment["messages"]]


def edit(talk: Talk, name: str, status: int = 200, **fields: Any) -> Any:
    return done(talk.api.patch(f"{talk.path}/messages/{quote(name, safe='')}", fields), status)


def remove(talk: Talk, name: str, status: int = 200) -> Any:
    return done(talk.api.call("DELETE", f"{talk.path}/messages/{quote(name, safe='')}"), status)


@ON_BOTH
def test_an_edited_message_takes_the_newest_text_and_its_batch_is_accepted(talk: Talk, clock: SetClock) -> None:
    first = send(talk, message("m1"), message("m2", "Hi", "agent"))
    clock.forward(minutes=1)
    again = send(talk, message("m1", "Hello!"), message("m2", "Hi", "agent"), message("m3", "New"))
    assert again["messages"][:2] == first["messages"]
    assert texts(talk) == ["Hello!", "Hi", "New"]
    assert [line["edited_at"] is None for line in lines(talk)] == [False, True, True]
    assert datetime.fromisoformat(lines(talk)[0]["edited_at"]) == clock.now()


def test_the_last_of_two_texts_in_one_batch_is_taken(talk: Talk) -> None:
    stored_messages = send(talk, message("m1", "First"), message("m1", "Second"), message("m2"))
    assert [entry["external_id"] for entry in stored_messages["messages"]] == ["m1", "m1", "m2"]
    assert texts(talk) == ["Second", "Hello"]


@ON_BOTH
def test_an_older_text_that_arrives_later_is_ignored(talk: Talk, clock: SetClock) -> None:
    newest = clock.now() - timedelta(minutes=1)
    older = newest - timedelta(seconds=1)
    send(talk, message("m1", "First"))
    send(talk, message("m1", "Third", edited_at=newest.isoformat()))
    send(talk, message("m1", "Second", edited_at=older.isoformat()))
    assert texts(talk) == ["Third"]
    edit(talk, "m1", text="Second", edited_at=older.isoformat())
    assert texts(talk) == ["Third"]
    assert datetime.fromisoformat(lines(talk)[0]["edited_at"]) == newest


def test_an_edit_from_a_clock_ahead_does_not_stop_later_ones(talk: Talk, clock: SetClock) -> None:
    send(talk, message("m1", "First", edited_at=(clock.now() + timedelta(days=400)).isoformat()))
    clock.forward(seconds=1)
    send(talk, message("m1", "Second"))
    assert texts(talk) == ["Second"]


def test_another_author_is_rejected_and_nothing_is_stored(talk: Talk) -> None:
    send(talk, message("m1"))
    problem = send(talk, message("new"), message("m1", author="agent"), status=422)
    assert (problem["code"], problem["pointer"]) == ("conflict", "/messages/1/external_id")
    assert texts(talk) == ["Hello"]


@ON_BOTH
def test_an_agent_that_is_named_or_corrected_later_gets_the_credit(app: Flask, talk: Talk) -> None:
    send(talk, message("m1"), message("m2", author="agent"))
    token = talk.ask()
    assert talk.segments()[0]["credited"] == []
    send(talk, message("m2", author="agent", agent="nora"))
    assert talk.segments()[0]["credited"] == ["Nora"]
    send(talk, message("m2", author="agent"))
    assert (talk.segments()[0]["credited"], lines(talk)[1]["agent"]) == (["Nora"], "Nora")
    send(talk, message("m2", author="agent", agent="emil"))
    assert (talk.segments()[0]["credited"], lines(talk)[1]["agent"]) == (["Emil"], "Emil")
    assert lines(talk)[1]["edited_at"] is None, "the text was not edited"
    talk.vote(token)
    edit(talk, "m2", agent="nora")
    assert (talk.segments()[0]["credited"], lines(talk)[1]["agent"]) == (["Emil"], "Nora")
    assert wrong_counts(app) == []


@ON_BOTH
def test_a_call_edits_a_message(talk: Talk, clock: SetClock) -> None:
    send(talk, message("a/b", "Helo", "agent", agent="nora"))
    clock.forward(seconds=1)
    answer = edit(talk, "a/b", text="Hello", agent=None)
    assert (answer["external_id"], answer["segment"], answer["removed_at"]) == ("a/b", 1, None)
    assert datetime.fromisoformat(answer["edited_at"]) == clock.now()
    (line,) = lines(talk)
    assert (line["text"], line["agent"]) == ("Hello", None)
    clock.forward(seconds=1)
    assert edit(talk, "a/b", text="Hello") == answer


@ON_BOTH
def test_a_removed_message_loses_text_and_agent_and_does_not_come_back(app: Flask, talk: Talk, clock: SetClock) -> None:
    send(talk, message("m1"), message("m2", "Secret", "agent", agent="nora"))
    answer = remove(talk, "m2")
    assert datetime.fromisoformat(answer["removed_at"]) == clock.now()
    clock.forward(seconds=1)
    assert remove(talk, "m2") == answer
    send(talk, message("m2", "Secret", "agent", agent="nora"), message("m3"))
    assert [(line["text"], line["agent"]) for line in lines(talk)] == [("Hello", None), ("", None), ("Hello", None)]
    assert "Secret" not in str(rows(app, "message"))
    assert edit(talk, "m2", text="Back", status=409)["code"] == "removed"


@ON_BOTH
def test_a_removed_message_neither_counts_nor_is_credited_nor_pinned(talk: Talk) -> None:
    send(talk, message("m1"), message("m2", author="agent", agent="nora"))
    remove(talk, "m2")
    assert talk.end()["reason"] == "no_person_answered"
    (segment,) = talk.segments()
    assert (segment["pin"], segment["agents"]) == ("m1", [])


@ON_BOTH
def test_the_pin_leaves_a_removed_message_until_the_first_vote(talk: Talk) -> None:
    send(talk, message("m1"), message("m2", author="agent", agent="nora"), message("m3", "Hi", "agent", agent="emil"))
    token = talk.ask()
    remove(talk, "m3")
    assert (talk.segments()[0]["pin"], talk.segments()[0]["credited"]) == ("m2", ["Nora"])
    talk.vote(token)
    remove(talk, "m2")
    assert (talk.segments()[0]["pin"], talk.segments()[0]["credited"]) == ("m2", ["Nora"])


def test_a_removed_message_opens_the_conversation_to_no_agent(talk: Talk) -> None:
    send(talk, message("m1"), message("m2", author="agent", agent="nora"))
    assert len(done(talk.api.get("/conversations?agent=nora"))["conversations"]) == 1
    remove(talk, "m2")
    assert done(talk.api.get("/conversations?agent=nora"))["conversations"] == []


def test_missing_messages_and_wrong_fields_are_rejected(talk: Talk) -> None:
    send(talk, message("m1"))
    assert edit(talk, "none", text="x", status=404)["code"] == "not_found"
    assert remove(talk, "none", status=404)["code"] == "not_found"
    for name, value in {"text": None, "author": "bot", "agent": "who"}.items():
        problem = done(talk.api.patch(f"{talk.path}/messages/m1", {name: value}), 422)
        assert problem["pointer"] == f"/{name}"
    assert texts(talk) == ["Hello"]


@ON_BOTH
def test_an_erased_text_does_not_come_back(app: Flask, talks: Any, api: Api) -> None:
    talk = talks(visitor="ann")
    send(talk, message("m1", "My number is 555"))
    done(api.post("/visitors/ann/erase"))
    talk.path = f"/conversations/{quote(rows(app, 'conversation')[0].external_id)}"
    send(talk, message("m1", "My number is 555"))
    assert edit(talk, "m1", text="My number is 555", status=409)["code"] == "erased"
    assert "555" not in str(rows(app, "message"))
