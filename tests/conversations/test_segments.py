"""The segment of a message depends on when it was sent, not on when it arrives."""

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


def message_ids(talk: Talk) -> list[list[str]]:
    """Return the external ids of the messages of each segment."""
    return [[message["external_id"] for message in segment["messages"]] for segment in talk.segments()]


def test_a_message_sent_before_the_end_joins_the_ended_segment(talk: Talk, clock: SetClock) -> None:
    first = talk.say("visitor", sent_at=at(1))
    talk.end(ended_at=at(10).isoformat())
    second = talk.say("agent", sent_at=at(20))
    clock.forward(days=3)
    late = talk.say("agent", sent_at=at(5))
    assert message_ids(talk) == [[first, late], [second]]


@pytest.mark.parametrize("author", ["visitor", "agent"])
def test_a_later_message_of_a_visitor_or_agent_opens_a_segment(talk: Talk, author: str) -> None:
    talk.say("visitor", sent_at=at(1))
    talk.end(ended_at=at(10).isoformat())
    talk.say(author, sent_at=at(11))
    assert [segment["ended_at"] is None for segment in talk.segments()] == [False, True]
    assert talk.segments()[1]["opened_at"].startswith("2026-03-03T09:00:11")


@pytest.mark.parametrize("author", ["bot", "system"])
def test_a_later_message_of_a_bot_or_system_opens_no_segment(talk: Talk, author: str) -> None:
    talk.say("visitor", sent_at=at(1))
    talk.end(ended_at=at(10).isoformat())
    talk.say(author, sent_at=at(11))
    assert [len(ids) for ids in message_ids(talk)] == [2]


def test_messages_sent_after_the_end_and_received_before_it_are_a_segment(talk: Talk) -> None:
    """Expect this because the end of a chat and the messages after it arrive in separate requests."""
    before = talk.say("visitor", sent_at=at(1))
    after = talk.say("visitor", "Thanks", sent_at=at(12))
    by_bot = talk.say("bot", "You are welcome", sent_at=at(13))
    answer = talk.end(ended_at=at(10).isoformat())
    assert message_ids(talk) == [[before], [after, by_bot]]
    assert (answer["segment"], answer["ended_at"][:19]) == (1, "2026-03-03T09:00:10")
    assert [segment["pin"] for segment in talk.segments()] == [before, None]


def test_a_repeated_end_ends_nothing_that_came_after_it(talk: Talk) -> None:
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
    assert message_ids(talk) == [["same"]]
    message = {"external_id": "same", "author": "bot", "text": "Hello"}
    response = talk.api.post(f"{talk.path}/messages", message)
    assert (response.status_code, response.get_json()["pointer"]) == (422, "/external_id")


def test_a_clock_ahead_of_ours_opens_no_segment_in_the_future(talk: Talk, clock: SetClock) -> None:
    talk.say("visitor", sent_at=clock.now() + timedelta(days=400))
    talk.end()
    clock.forward(minutes=1)
    talk.say("visitor")
    assert [len(ids) for ids in message_ids(talk)] == [1, 1]


def test_a_conversation_is_reopened_by_the_back_end(talk: Talk, clock: SetClock) -> None:
    talk.chat().end()
    clock.forward(seconds=5)
    assert talk.reopen()["segment"] == 2
    message_id = talk.say("agent")
    assert message_ids(talk)[1] == [message_id]
    assert talk.reopen()["segment"] == 2, "an open conversation stays open"


LENGTHS = st.lists(st.integers(1, 3), min_size=2, max_size=3)


@pytest.mark.slow
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lengths=LENGTHS, order=st.randoms(use_true_random=False))
def test_segments_are_the_same_in_any_order_of_arrival(
    clock: SetClock, talks: Callable[..., Talk], lengths: list[int], order: Random
) -> None:
    talk = talks()
    segments = [list(range(sum(lengths[:n]) + n, sum(lengths[: n + 1]) + n)) for n in range(len(lengths))]
    for action, second in arrivals(segments, order):
        if action == "say":
            talk.say("visitor" if second % 2 else "agent", sent_at=at(10 * second), external_id=f"s{second}")
        else:
            talk.end(ended_at=at(10 * second + 5).isoformat())
    assert message_ids(talk) == [[f"s{second}" for second in seconds] for seconds in segments]
    assert [segment["pin"] for segment in talk.segments()] == [f"s{seconds[-1]}" for seconds in segments[:-1]] + [None]


def arrivals(segments: list[list[int]], order: Random) -> list[tuple[str, int]]:
    """Return the messages of these segments in any order, and the ends of all but the last, each at its last second.

    Ends come in their order, after a message of their segment, because without one no segment could be ended.
    """
    actions = [("say", second) for seconds in segments for second in seconds]
    order.shuffle(actions)
    min_place = 0
    for seconds in segments[:-1]:
        first = min(actions.index(("say", second)) for second in seconds)
        place = order.randint(max(min_place, first + 1), len(actions))
        actions.insert(place, ("end", seconds[-1]))
        min_place = place + 1
    return actions
