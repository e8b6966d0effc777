"""Under its lock a conversation's segments and invitations are read by one statement."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from widget_server.conversations import service as conversations
from widget_server.conversations.models import Conversation
from widget_server.storage.engines import Engines

from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..frozen_clock import SetClock

#: A query of the rows that `ConversationState` has.
STATE_QUERY = re.compile(r"SELECT .*\b(FROM|JOIN) (segment|invitation)\b", re.DOTALL)
#: A change of an invitation's status locks and reads its row again; `transitions` needs no other row.
LOCKED_INVITATION = re.compile(r"WHERE invitation\.site_id = \S+ AND invitation\.id = \S+( FOR UPDATE)?\s*$")


@pytest.fixture
def under_lock(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Yield the statements that were sent since the last lock of a conversation."""
    engines: Engines = app.extensions["tilfreds_engines"]
    statements: list[str] = []
    lock_conversation = conversations.lock_conversation

    def lock_and_clear(conversation: Conversation) -> None:
        lock_conversation(conversation)
        statements.clear()
        statements.append("locked")

    def add_statement(connection: object, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    monkeypatch.setattr(conversations, "lock_conversation", lock_and_clear)
    event.listen(engines.write, "before_cursor_execute", add_statement)
    yield statements
    event.remove(engines.write, "before_cursor_execute", add_statement)


def state_queries(statements: list[str]) -> list[str]:
    assert statements[0] == "locked"
    queries = [statement for statement in statements if STATE_QUERY.match(statement)]
    return [statement for statement in queries if not LOCKED_INVITATION.search(statement)]


@ON_BOTH
def test_an_end_reads_segments_and_invitations_once(talk: Talk, clock: SetClock, under_lock: list[str]) -> None:
    """End once, repeat it, and end the reopened chat, which withdraws the older invitation."""
    rules = {"visitor_messages": 0, "person_replies": 0, "reopened_minutes": 0}
    done(talk.api.patch("/site", {"rules": {"chat": rules}}))
    talk.chat()
    query_counts = {}
    steps: list[tuple[str, Callable[[], Any]]] = [
        ("first", lambda: done(talk.page.end(talk.id))),
        ("again", lambda: done(talk.page.end(talk.id))),
        ("reopened", talk.reopen),
        ("second", lambda: done(talk.page.end(talk.id))),
        ("by the back end", talk.end),
    ]
    for name, step in steps:
        under_lock.clear()
        step()
        query_counts[name] = len(state_queries(under_lock))
        clock.forward(minutes=1)
    assert query_counts == dict.fromkeys(query_counts, 1)
    assert talk.statuses() == ["withdrawn", "asked"], "there is a decision about each of these ends"


@ON_BOTH
def test_a_message_reads_segments_and_invitations_once(talk: Talk, clock: SetClock, under_lock: list[str]) -> None:
    """Send the message that opens a segment, and the one that withdraws the older invitation."""
    talk.chat().ask()
    clock.forward(hours=1)
    query_counts = []
    for author in ("visitor", "agent"):
        talk.say(author)
        query_counts.append(len(state_queries(under_lock)))
    assert (query_counts, talk.statuses()) == ([1, 1], ["withdrawn"])


@ON_BOTH
def test_a_manual_decision_reads_segments_and_invitations_once(talk: Talk, under_lock: list[str]) -> None:
    talk.say("visitor")
    assert not talk.end()["asked"]
    assert done(talk.api.post(f"{talk.path}/ask"))["asked"]
    assert len(state_queries(under_lock)) == 1
