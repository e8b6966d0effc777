"""The pin, the message that shows the rating below it: the last one up to the end, until the first vote fixes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..conftest import SetClock
from ..databases import ON_BOTH
from .talk import Talk

pytestmark = ON_BOTH
START = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
END = START + timedelta(seconds=20)


def pin(talk: Talk, number: int = 1) -> str | None:
    """Return the external id of the pinned message of a segment."""
    return next(segment["pin"] for segment in talk.segments() if segment["number"] == number)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def end(talk: Talk) -> None:
    talk.end(ended_at=END.isoformat())


def test_last_message_by_the_end_is_the_pin(talk: Talk) -> None:
    talk.say("agent", sent_at=at(2))
    last = talk.say("visitor", sent_at=at(9))
    talk.say("visitor", sent_at=at(5))
    end(talk)
    assert pin(talk) == last


def test_late_arrivals_move_the_pin_until_the_first_vote(talk: Talk) -> None:
    talk.say("visitor", sent_at=at(1))
    first = talk.say("agent", sent_at=at(2))
    end(talk)
    assert pin(talk) == first
    late = talk.say("agent", sent_at=at(10))
    assert pin(talk) == late
    token = talk.ask()
    assert pin(talk) == late
    talk.vote(token)
    talk.say("agent", sent_at=at(15))
    assert pin(talk) == late
    talk.vote(token, 1, rev=2)
    assert pin(talk) == late


def test_a_removed_vote_fixes_the_pin_too(talk: Talk) -> None:
    pinned = talk.say("visitor", sent_at=at(1))
    talk.say("system", "closed", sent_at=at(3))
    talk.say("agent", sent_at=at(0))
    end(talk)
    token = talk.ask()
    talk.vote(token, None)
    talk.say("agent", sent_at=at(15))
    assert pin(talk) == pinned


def test_of_messages_with_equal_times_the_last_to_arrive_is_the_pin(talk: Talk) -> None:
    talk.say("visitor", sent_at=at(3))
    talk.say("agent", sent_at=at(3))
    last = talk.say("bot", sent_at=at(3))
    end(talk)
    assert pin(talk) == last
    later = talk.say("visitor", sent_at=at(3))
    assert pin(talk) == later


def test_system_messages_are_never_the_pin(talk: Talk) -> None:
    talk.say("system", "joined", sent_at=at(1))
    end(talk)
    assert pin(talk) is None, "an empty pin is shown at the end"
    talk.say("system", "left", sent_at=at(2))
    assert pin(talk) is None
    message_id = talk.say("visitor", sent_at=at(0))
    assert pin(talk) == message_id


def test_a_message_at_the_time_of_the_end_counts_and_a_later_one_does_not(talk: Talk) -> None:
    last = talk.say("visitor", sent_at=END)
    end(talk)
    talk.say("bot", "Was I of use?", sent_at=END + timedelta(milliseconds=1))
    assert pin(talk) == last


def test_each_segment_has_its_pin(talk: Talk, clock: SetClock) -> None:
    first = talk.chat().say("visitor")
    talk.vote(talk.ask())
    clock.forward(seconds=1)
    second = talk.chat().say("agent", "Once more")
    talk.end()
    assert (pin(talk, 1), pin(talk, 2)) == (first, second)


MESSAGES = st.lists(
    st.tuples(st.sampled_from(["visitor", "agent", "bot", "system"]), st.integers(0, 18)), min_size=1, max_size=8
)


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=MESSAGES, data=st.data())
def test_pin_is_that_of_the_model_in_any_order_of_arrival(
    clock: SetClock, talks: Callable[..., Talk], messages: list[tuple[str, int]], data: st.DataObject
) -> None:
    talk = talks()
    ended_before = data.draw(st.integers(0, len(messages)))
    voted_before = data.draw(st.integers(ended_before, len(messages)))
    voted = False
    model: tuple[int, int, str] | None = None
    for place, (author, second) in enumerate(messages):
        if place == ended_before:
            end(talk)
        if place == voted_before and talk.statuses() == ["asked"]:
            talk.vote(talk.ask())
            voted = True
        name = talk.say(author, sent_at=at(second))
        if author != "system" and not voted and (model is None or second >= model[0]):
            model = (second, place, name)
    if ended_before == len(messages):
        end(talk)
    assert pin(talk) == (model[2] if model else None)
