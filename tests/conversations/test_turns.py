"""Messages, ends and openings of one conversation come one after the other: each finds what the one before it wrote."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from widget_server.conversations.messages import NewMessage
from widget_server.conversations.models import Conversation
from widget_server.conversations.queries import find_conversation
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


def at_the_same_moment(
    app: Flask, talk: Talk, first: Callable[[Site, Conversation], Any], then: Callable[[], Any]
) -> Any:
    """What `then` returns, which begins after `first` was done and ends after that was committed."""
    with ThreadPoolExecutor(1) as pool, app.app_context():
        site = db.session.scalars(select(Site)).one()
        first(site, find_conversation(site.id, talk.id))
        other = pool.submit(then)
        wait_until_blocked(app, other)
        db.session.commit()
        return other.result()


def is_ended(site: Site, conversation: Conversation) -> None:
    end_segment(site, lock_state(conversation), Ending("back_end", "back_end"))


@ON_BOTH
def test_a_message_while_its_part_is_being_ended_moves_the_pin(app: Flask, talk: Talk, clock: SetClock) -> None:
    talk.chat()
    name = at_the_same_moment(app, talk, is_ended, lambda: talk.say("agent", "Bye", clock.now()))
    [segment] = talk.segments()
    assert (segment["pin"], segment["messages"][-1]["external_id"]) == (name, name)


@ON_BOTH
def test_a_later_message_while_its_part_is_being_ended_opens_another(app: Flask, talk: Talk, clock: SetClock) -> None:
    talk.chat()

    def ended_before(site: Site, conversation: Conversation) -> None:
        is_ended(site, conversation)
        clock.forward(seconds=1)

    at_the_same_moment(app, talk, ended_before, lambda: talk.say("visitor"))
    first, second = talk.segments()
    assert [len(first["messages"]), len(second["messages"])] == [2, 1]
    assert first["pin"] == first["messages"][-1]["external_id"]


@ON_BOTH
def test_an_end_while_a_message_is_being_told_counts_and_pins_it(app: Flask, talk: Talk) -> None:
    """Nobody but the visitor had written before: whether they are asked hangs on that message, too."""
    talk.say("visitor")
    reply = [NewMessage("reply", "agent", "Here you are")]
    decided = at_the_same_moment(app, talk, lambda site, found: add_messages(site, found, reply), talk.end)
    assert (decided["asked"], talk.segments()[0]["pin"]) == (True, "reply")


@ON_BOTH
def test_reopened_while_a_message_opens_a_part_it_is_open_already(app: Flask, talk: Talk, clock: SetClock) -> None:
    talk.chat().end()
    clock.forward(seconds=1)
    more = [NewMessage("more", "visitor", "One more thing")]

    def reopen() -> int:
        return talk.api.post(f"{talk.path}/reopen").status_code

    assert at_the_same_moment(app, talk, lambda site, found: add_messages(site, found, more), reopen) == 409
    assert [len(segment["messages"]) for segment in talk.segments()] == [2, 1]


@ON_BOTH
def test_messages_and_ends_in_any_order(app: Flask, talks: Talks, clock: SetClock) -> None:
    """Each message that belongs to a part is counted by its pin, whatever came at the same moment."""
    for _ in range(ROUNDS):
        talk = talks().chat()
        moment = clock.now()
        says: list[Callable[[], Any]] = [lambda: talk.say("agent", "Late", moment)] * 3  # noqa: B023
        at_once([*says, talk.end, lambda: done(talk.page.end(talk.id))])  # noqa: B023
        [segment] = talk.segments()
        assert segment["pin"] == segment["messages"][-1]["external_id"]
        assert (len(talk.ledger()), wrong_counts(app)) == (1, [])


@ON_POSTGRESQL
@pytest.mark.parametrize("what", ["message", "end", "reopen"])
def test_nobody_waits_for_a_press_in_a_circle(app: Flask, talk: Talk, clock: SetClock, what: str) -> None:
    """A press takes its question first and its conversation last, so that is the order for everybody."""
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
        with engines.write.begin() as press:
            press.execute(select(table("invitation")).with_for_update())
            other = pool.submit(calls[what])
            wait_until_blocked(app, other)
            press.execute(text("set local lock_timeout = '100ms'"))
            press.execute(table("conversation").update().values(latest_at=clock.now()))
        other.result()
