"""Messages and ends from clocks that differ from the server's, or that know whole seconds only."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ..databases import ON_BOTH
from ..frozen_clock import SetClock
from .talk import Talk, done

SECOND = timedelta(seconds=1)
BEHIND, AHEAD = -timedelta(minutes=5), timedelta(minutes=5)


def names(talk: Talk) -> list[list[str]]:
    """Return the external ids of the messages of each segment."""
    return [[message["external_id"] for message in segment["messages"]] for segment in talk.segments()]


def chat(talk: Talk, clock: SetClock, skew: timedelta, *authors: str) -> list[str]:
    """Say something every ten seconds, with the times of a clock that differs by `skew`."""
    sent_names = []
    for author in authors:
        clock.forward(seconds=10)
        sent_names.append(talk.say(author, sent_at=clock.now() + skew))
    clock.forward(seconds=10)
    return sent_names


@ON_BOTH
@pytest.mark.parametrize("skew", [BEHIND, timedelta(0), AHEAD])
def test_what_is_said_after_the_rating_is_asked_again(talk: Talk, clock: SetClock, skew: timedelta) -> None:
    before = chat(talk, clock, skew, "visitor", "agent")
    talk.vote(talk.ask())
    clock.forward(minutes=11)
    after = chat(talk, clock, skew, "visitor", "agent")
    assert names(talk) == [before, after]
    assert talk.end()["asked"]
    assert [segment["status"] for segment in talk.segments()] == ["rated", "waiting"]


@ON_BOTH
@pytest.mark.parametrize("skew", [BEHIND, timedelta(0), AHEAD])
def test_a_late_message_belongs_to_the_segment_of_its_senders_clock(
    talk: Talk, clock: SetClock, skew: timedelta
) -> None:
    before = chat(talk, clock, skew, "visitor")
    silent_until = clock.now()
    clock.forward(minutes=1)
    talk.end()
    clock.forward(minutes=20)
    late = talk.say("agent", sent_at=silent_until + skew)
    after = talk.say("visitor", sent_at=clock.now() + skew)
    assert names(talk) == [[*before, late], [after]]


@pytest.mark.parametrize("skew", [BEHIND, AHEAD])
def test_a_reopening_is_measured_on_our_clock(talk: Talk, clock: SetClock, skew: timedelta) -> None:
    """Expect that thanks within ten minutes of the close are too short, by whatever clock they are sent."""
    chat(talk, clock, skew, "visitor", "agent")
    talk.end()
    opened_after = clock.now()
    chat(talk, clock, skew, "visitor", "agent")
    assert talk.end()["reason"] == "too_short_after_reopen"
    assert datetime.fromisoformat(talk.segments()[1]["opened_at"]) == opened_after + 10 * SECOND


def test_send_and_close_with_whole_seconds_is_one_segment(talk: Talk, clock: SetClock) -> None:
    """Send the reply with its exact time, and then the close with its second only, as some helpdesks do."""
    whole = clock.forward(seconds=30)
    clock.forward(milliseconds=800)
    talk.say("visitor", sent_at=whole - 20 * SECOND)
    reply = talk.say("agent")
    decision = talk.end(ended_at=whole.isoformat())
    assert (decision["segment"], decision["asked"], talk.segments()[0]["pin"]) == (1, True, reply)
    assert len(names(talk)) == 1


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_within_a_second_the_order_of_delivery_decides(talk: Talk, clock: SetClock, seconds: int) -> None:
    end = clock.forward(seconds=30)
    clock.forward(seconds=30)
    before = talk.say("visitor", sent_at=end + seconds * SECOND)
    talk.end(ended_at=end.isoformat())
    after = talk.say("visitor", sent_at=end + seconds * SECOND)
    assert names(talk) == [[before], [after]]


def test_more_than_a_second_from_the_end_the_time_decides(talk: Talk, clock: SetClock) -> None:
    end = clock.forward(seconds=30)
    clock.forward(seconds=30)
    talk.say("visitor", sent_at=end - 20 * SECOND, external_id="first")
    talk.say("visitor", sent_at=end + 2 * SECOND, external_id="after")
    talk.end(ended_at=end.isoformat())
    talk.say("visitor", sent_at=end - 2 * SECOND, external_id="before")
    assert names(talk) == [["first", "before"], ["after"]]


@ON_BOTH
def test_an_end_of_a_clock_behind_ends_the_segment_that_the_chat_went_on_with(talk: Talk, clock: SetClock) -> None:
    chat(talk, clock, BEHIND, "visitor", "agent")
    assert done(talk.page.end(talk.id))["asked"]
    clock.forward(seconds=30)
    chat(talk, clock, BEHIND, "visitor", "visitor", "agent")
    decision = talk.end(ended_at=(clock.now() + BEHIND).isoformat())
    assert (decision["segment"], decision["asked"]) == (2, True)


def test_an_end_of_a_clock_ahead_is_no_later_than_now(talk: Talk, clock: SetClock) -> None:
    chat(talk, clock, AHEAD, "visitor", "agent")
    ended_at = clock.now()
    decision = talk.end(ended_at=(ended_at + AHEAD).isoformat())
    assert datetime.fromisoformat(decision["ended_at"]) == ended_at
    assert talk.end(ended_at=(ended_at + AHEAD).isoformat()) == decision
    clock.forward(minutes=1)
    late = talk.say("agent", sent_at=ended_at + AHEAD - 5 * SECOND)
    after = talk.say("visitor", sent_at=clock.now() + AHEAD)
    assert (names(talk)[0][-1], names(talk)[1]) == (late, [after])


def test_a_time_in_the_far_future_does_not_keep_the_segment_open(talk: Talk, clock: SetClock) -> None:
    before = talk.say("visitor", sent_at=clock.now() + timedelta(days=400))
    talk.end()
    clock.forward(minutes=1)
    after = talk.say("visitor", sent_at=clock.now())
    assert names(talk) == [[before], [after]]


def test_messages_without_a_time_follow_the_order_of_delivery(talk: Talk, clock: SetClock) -> None:
    """Mix them with messages of a clock behind, whose offset must not move them to another segment."""
    first = chat(talk, clock, BEHIND, "visitor", "agent")
    second = talk.say("visitor")
    talk.end()
    third = talk.say("visitor")
    assert names(talk) == [[*first, second], [third]]
