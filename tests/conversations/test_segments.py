"""Which part of a conversation a message belongs to: by when it was sent, whenever it arrives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..conftest import SetClock
from ..databases import ON_BOTH
from .talk import Talk

pytestmark = ON_BOTH
START = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def parts(talk: Talk) -> list[list[str]]:
    """The external ids of the messages of each segment."""
    return [[message["external_id"] for message in segment["messages"]] for segment in talk.segments()]


def test_a_message_sent_before_the_end_joins_the_ended_part_whenever_it_arrives(talk: Talk, clock: SetClock) -> None:
    first = talk.say("visitor", sent_at=at(1))
    talk.end(ended_at=at(10).isoformat())
    second = talk.say("agent", sent_at=at(20))
    clock.forward(days=3)
    late = talk.say("agent", sent_at=at(5))
    at_the_end = talk.say("agent", sent_at=at(10))
    assert parts(talk) == [[first, late, at_the_end], [second]]


@pytest.mark.parametrize("author", ["visitor", "agent"])
def test_a_later_message_of_a_visitor_or_agent_opens_a_new_part(talk: Talk, author: str) -> None:
    talk.say("visitor", sent_at=at(1))
    talk.end(ended_at=at(10).isoformat())
    talk.say(author, sent_at=at(11))
    assert [segment["ended_at"] is None for segment in talk.segments()] == [False, True]
    assert talk.segments()[1]["opened_at"].startswith("2026-03-03T09:00:11")


@pytest.mark.parametrize("author", ["bot", "system"])
def test_a_later_message_of_a_machine_opens_nothing(talk: Talk, author: str) -> None:
    talk.say("visitor", sent_at=at(1))
    talk.end(ended_at=at(10).isoformat())
    talk.say(author, sent_at=at(11))
    assert [len(part) for part in parts(talk)] == [2]


def test_what_was_said_after_the_end_and_told_before_it_is_a_part_of_its_own(talk: Talk) -> None:
    """The end of a chat and the words after it come by different roads."""
    before = talk.say("visitor", sent_at=at(1))
    after = talk.say("visitor", "Thanks", sent_at=at(12))
    by_a_machine = talk.say("bot", "You are welcome", sent_at=at(13))
    answer = talk.end(ended_at=at(10).isoformat())
    assert parts(talk) == [[before], [after, by_a_machine]]
    assert (answer["segment"], answer["ended_at"][:19]) == (1, "2026-03-03T09:00:10")
    assert [segment["pin"] for segment in talk.segments()] == [before, None]


def test_an_end_told_twice_ends_nothing_that_came_after_it(talk: Talk) -> None:
    talk.say("visitor", sent_at=at(1))
    talk.say("agent", sent_at=at(2))
    first = talk.end(ended_at=at(10).isoformat())
    talk.say("visitor", sent_at=at(20))
    again = talk.end(ended_at=at(10).isoformat())
    assert again == first
    assert [segment["status"] for segment in talk.segments()] == ["waiting", "open"]


def test_a_message_sent_twice_is_one_message(talk: Talk) -> None:
    name = talk.say("visitor", "Hello", external_id="same")
    talk.end()
    assert talk.say("visitor", "Hello", external_id="same") == name
    assert parts(talk) == [["same"]]
    message = {"external_id": "same", "author": "visitor", "text": "Other"}
    refused = talk.api.post(f"{talk.path}/messages", message)
    assert (refused.status_code, refused.get_json()["pointer"]) == (422, "/external_id")


def test_a_clock_ahead_of_ours_opens_no_part_of_the_future(talk: Talk, clock: SetClock) -> None:
    talk.say("visitor", sent_at=clock.now() + timedelta(days=400))
    talk.end()
    clock.forward(minutes=1)
    talk.say("visitor")
    assert [len(part) for part in parts(talk)] == [1, 1]


def test_reopened_by_hand(talk: Talk, clock: SetClock) -> None:
    talk.chat().end()
    clock.forward(seconds=5)
    assert talk.reopen()["segment"] == 2
    said = talk.say("agent")
    assert parts(talk)[1] == [said]
    refused = talk.api.post(f"{talk.path}/reopen")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "open")


LENGTHS = st.lists(st.integers(1, 3), min_size=2, max_size=3)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lengths=LENGTHS, order=st.randoms(use_true_random=False))
def test_parts_are_the_same_in_any_order_of_arrival(
    clock: SetClock, talks: Callable[..., Talk], lengths: list[int], order: Random
) -> None:
    talk = talks()
    told = [list(range(sum(lengths[:n]) + n, sum(lengths[: n + 1]) + n)) for n in range(len(lengths))]
    for what, second in arrivals(told, order):
        if what == "say":
            talk.say("visitor" if second % 2 else "agent", sent_at=at(second), external_id=f"s{second}")
        else:
            talk.end(ended_at=at(second).isoformat())
    assert parts(talk) == [[f"s{second}" for second in part] for part in told]
    assert [segment["pin"] for segment in talk.segments()] == [f"s{part[-1]}" for part in told[:-1]] + [None]


def arrivals(told: list[list[int]], order: Random) -> list[tuple[str, int]]:
    """The messages of these parts in any order, and the ends of all but the last part, each at its last second.

    Ends come in their order, and once a message of their part is there: before, nobody could say what had ended.
    """
    arriving = [("say", second) for part in told for second in part]
    order.shuffle(arriving)
    least = 0
    for part in told[:-1]:
        first = min(arriving.index(("say", second)) for second in part)
        place = order.randint(max(least, first + 1), len(arriving))
        arriving.insert(place, ("end", part[-1]))
        least = place + 1
    return arriving
