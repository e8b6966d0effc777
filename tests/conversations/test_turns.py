"""Messages, ends and reopenings of one conversation run one after the other, each after what the last one wrote."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from widget_server.conversations.messages import NewMessage
from widget_server.conversations.models import Conversation
from widget_server.conversations.queries import get_conversation
from widget_server.invitations.conversation_state import lock_state
from widget_server.invitations.service import Ending, add_messages, end_segment
from widget_server.sites.models import Site
from widget_server.storage.db import db
from widget_server.storage.engines import Engines

from ..databases import ON_BOTH, ON_POSTGRESQL
from ..frozen_clock import SetClock
from .concurrency import at_once, wait_until_blocked
from .rows import table, wrong_counts
from .talk import Talk, done

ROUNDS = 4
Talks = Callable[..., Talk]


def run_together(app: Flask, talk: Talk, first: Callable[[Site, Conversation], Any], then: Callable[[], Any]) -> Any:
    """Return the result of `then`, which starts after `first` has run and ends after its commit."""
    with ThreadPoolExecutor(1) as pool, app.app_context():
        site = db.session.scalars(select(Site)).one()
        first(site, get_conversation(site.id, talk.id))
        future = pool.submit(then)
        wait_until_blocked(app, future)
        db.session.commit()
        return future.result()


def end_by_back_end(site: Site, conversation: Conversation) -> None:
    end_segment(site, lock_state(conversation), Ending("back_end", "back_end"))


@ON_BOTH
def test_a_message_while_its_segment_is_being_ended_moves_the_pin(app: Flask, talk: Talk, clock: SetClock) -> None:
    talk.chat()
    sent_at = clock.forward(seconds=5)
    clock.forward(seconds=5)
    name = run_together(app, talk, end_by_back_end, lambda: talk.say("agent", "Bye", sent_at))
    [segment] = talk.segments()
    assert (segment["pin"], segment["messages"][-1]["external_id"]) == (name, name)


@ON_BOTH
def test_a_later_message_while_its_segment_is_being_ended_opens_another(
    app: Flask, talk: Talk, clock: SetClock
) -> None:
    talk.chat()

    def end_earlier(site: Site, conversation: Conversation) -> None:
        end_by_back_end(site, conversation)
        clock.forward(seconds=1)

    run_together(app, talk, end_earlier, lambda: talk.say("visitor"))
    first, second = talk.segments()
    assert [len(first["messages"]), len(second["messages"])] == [2, 1]
    assert first["pin"] == first["messages"][-1]["external_id"]


@ON_BOTH
def test_an_end_while_a_message_is_being_stored_counts_and_pins_it(app: Flask, talk: Talk) -> None:
    """Expect the visitor to be asked: without the agent's message only the visitor has written, which is not enough."""
    talk.say("visitor")
    reply = [NewMessage("reply", "agent", "Here you are")]
    decision = run_together(app, talk, lambda site, chat: add_messages(site, chat, reply), talk.end)
    assert (decision["asked"], talk.segments()[0]["pin"]) == (True, "reply")


@ON_BOTH
def test_a_reopening_while_a_message_opens_a_segment_finds_it(app: Flask, talk: Talk, clock: SetClock) -> None:
    talk.chat().end()
    clock.forward(seconds=1)
    more = [NewMessage("more", "visitor", "One more thing")]

    def reopen() -> int:
        return talk.api.post(f"{talk.path}/reopen").status_code

    assert run_together(app, talk, lambda site, chat: add_messages(site, chat, more), reopen) == 200
    assert [len(segment["messages"]) for segment in talk.segments()] == [2, 1]


@ON_BOTH
def test_messages_and_ends_in_any_order(app: Flask, talks: Talks, clock: SetClock) -> None:
    """Expect the pin at the last message of the segment, whatever ran at the same time."""
    for _ in range(ROUNDS):
        talk = talks()
        for author in ("visitor", "agent"):
            talk.say(author, sent_at=clock.now())
        moment = clock.forward(seconds=5)
        clock.forward(seconds=5)
        says: list[Callable[[], Any]] = [lambda: talk.say("agent", "Late", moment)] * 3  # noqa: B023
        at_once([*says, talk.end, lambda: done(talk.page.end(talk.id))])  # noqa: B023
        [segment] = talk.segments()
        assert segment["pin"] == segment["messages"][-1]["external_id"]
        assert (len(talk.ledger()), wrong_counts(app)) == (1, [])


@ON_POSTGRESQL
@pytest.mark.parametrize("what", ["message", "end", "reopen"])
def test_no_call_deadlocks_with_a_vote(app: Flask, talk: Talk, clock: SetClock, what: str) -> None:
    """Lock in the order of a vote, which locks its invitation first and its conversation last."""
    talk.chat().end()
    clock.forward(hours=1)
    talk.say("visitor")
    if what == "reopen":
        talk.end()
    clock.forward(minutes=1)
    calls: dict[str, Callable[[], Any]] = {
        "message": lambda: talk.say("agent"),
        "end": talk.end,
        "reopen": talk.reopen,
    }
    engines: Engines = app.extensions["tilfreds_engines"]
    with ThreadPoolExecutor(1) as pool:
        with engines.write.begin() as vote_connection:
            vote_connection.execute(select(table("invitation")).with_for_update())
            future = pool.submit(calls[what])
            wait_until_blocked(app, future)
            vote_connection.execute(text("set local lock_timeout = '100ms'"))
            vote_connection.execute(table("conversation").update().values(latest_at=clock.now()))
        future.result()
