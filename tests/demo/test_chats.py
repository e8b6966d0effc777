"""The shop's chat and its calls to Tilfreds."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from email.message import Message
from typing import Any, cast
from urllib.error import HTTPError

import pytest

from widget_server.demo.agents import FAREWELL
from widget_server.demo.chats import MAX_CHATS, Chats
from widget_server.demo.client import Tilfreds

from .conftest import Listener

NEVER = 10_000.0
PATIENCE_SECONDS = 5


@pytest.fixture
def chats(listener: Listener) -> Chats:
    return Chats(lambda: cast(Tilfreds, listener), pace=NEVER)


def wait_for(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.005)


def make_error(status: int) -> HTTPError:
    return HTTPError("http://127.0.0.1", status, "", Message(), io.BytesIO(b"{}"))


def test_agent_and_conversation_are_made_before_the_first_message(chats: Chats, listener: Listener) -> None:
    chats.write(chats.open(), "My chain slips", browser="b" * 64)
    facts = {"browser": "b" * 64, "channel": "chat", "title": "My chain slips"}
    assert listener.calls == [("agent", "agent-a"), ("put", facts), ("say", ("visitor", "My chain slips"))]


def test_facts_are_sent_again_only_when_they_change(chats: Chats, listener: Listener) -> None:
    chat = chats.open()
    for browser in ("a", "a", "b"):
        chats.write(chat, "Hello", browser=browser)
    puts = [facts for what, *rest in listener.calls if what == "put" for facts in rest]
    assert [facts["browser"] for facts in puts] == ["a", "b"]


def test_the_agents_answer_is_sent(listener: Listener) -> None:
    chats = Chats(lambda: cast(Tilfreds, listener), pace=0)
    chat = chats.open()
    chats.write(chat, "Thanks, bye")
    wait_for(lambda: ("say", ("agent", FAREWELL)) in listener.calls)
    assert [message["author"] for message in chat.messages] == ["visitor", "agent"]
    assert chat.messages[1]["agent"] == "agent-a"


def test_a_chat_that_ended_is_not_answered_any_more(chats: Chats) -> None:
    chat = chats.open()
    chats.write(chat, "Hello")
    waiting = chat.answering
    assert waiting is not None
    chats.end(chat, by="visitor")
    # The timer may fire while it is being cancelled.
    waiting.function(*waiting.args)
    assert [message["author"] for message in chat.messages] == ["visitor", "end"]


def test_the_back_end_reports_the_agents_end_and_not_the_visitors(chats: Chats, listener: Listener) -> None:
    for by in ("visitor", "agent"):
        chat = chats.open()
        chats.write(chat, "Hello")
        listener.calls.clear()
        chats.end(chat, by=by)
        chats.end(chat, by=by)
        assert listener.calls == ([("end", "agent-a")] if by == "agent" else [])


def test_writing_after_the_end_continues_the_same_chat(chats: Chats) -> None:
    chat = chats.open()
    chats.write(chat, "Hello")
    chats.end(chat, by="visitor")
    chats.write(chat, "One more thing")
    assert chat.is_open
    assert [message["author"] for message in chat.messages] == ["visitor", "end", "visitor"]
    message_ids = [message["external_id"] for message in chat.messages if message["author"] != "end"]
    assert len(set(message_ids)) == 2


@pytest.mark.parametrize("error", [ConnectionRefusedError(), TimeoutError(), make_error(503), make_error(429)])
def test_failed_calls_are_sent_later_in_order(chats: Chats, listener: Listener, error: OSError) -> None:
    listener.error = error
    chat = chats.open()
    chats.write(chat, "first")
    chats.write(chat, "second")
    chats.end(chat, by="agent")
    assert listener.calls == []
    listener.error = None
    chats.send_pending_calls(chat)
    assert [what for what, *_ in listener.calls] == ["agent", "put", "say", "say", "end"]
    assert listener.calls[2:4] == [("say", ("visitor", "first")), ("say", ("visitor", "second"))]


def test_a_rejected_call_does_not_block_the_rest(chats: Chats, listener: Listener) -> None:
    listener.error = make_error(422)
    chat = chats.open()
    chats.write(chat, "refused")
    listener.error = None
    chats.write(chat, "taken")
    assert listener.calls == [("say", ("visitor", "taken"))]


def test_the_invitations_of_an_unreachable_server_are_empty(chats: Chats, listener: Listener) -> None:
    listener.error = ConnectionRefusedError()
    assert chats.list_invitations(chats.open()) == []


def test_old_chats_make_room(chats: Chats) -> None:
    first = chats.open()
    for _ in range(MAX_CHATS):
        last = chats.open()
    assert chats.find(first.id) is None
    assert chats.find(last.id) is last
