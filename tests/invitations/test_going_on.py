"""A conversation that goes on after its end: which questions stay open, and which presses are still taken."""

from __future__ import annotations

import pytest

from ..conftest import SetClock
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH

MINUTE_MS = 60_000


@pytest.fixture
def asked(talk: Talk, clock: SetClock) -> str:
    """The token of a question that was asked a minute ago and not answered."""
    token = talk.chat().ask()
    clock.forward(minutes=1)
    return token


def go_on(talk: Talk) -> None:
    """What a part reopened within ten minutes needs to be asked about."""
    talk.say("visitor", "One more thing")
    talk.chat()


def test_thanks_and_bye_ask_nobody_anew_and_leave_the_faces_pressable(talk: Talk, asked: str) -> None:
    talk.say("visitor", "Thanks, bye")
    talk.say("agent", "Bye!")
    again = done(talk.page.end(talk.id))
    assert (again["asked"], again["token"]) == (True, asked)
    assert [(row["status"], row["reason"]) for row in talk.ledger()] == [
        ("asked", None),
        ("not_asked", "too_short_after_reopen"),
    ]
    assert talk.vote(asked)["status"] == "saved"
    assert [segment["status"] for segment in talk.segments()] == ["rated", "not_asked"]


@ON_BOTH
def test_the_question_stays_until_the_new_part_deserves_its_own(talk: Talk, asked: str) -> None:
    statuses = []
    for author in ("visitor", "bot", "agent", "system", "visitor"):
        talk.say(author)
        statuses.append(talk.statuses()[0])
    assert statuses == ["asked", "asked", "asked", "asked", "withdrawn"]


def test_after_ten_minutes_one_message_and_its_answer_are_enough(talk: Talk, asked: str, clock: SetClock) -> None:
    clock.forward(minutes=10)
    talk.say("visitor")
    assert talk.statuses() == ["asked"]
    talk.say("agent")
    assert talk.statuses() == ["withdrawn"]


def test_a_press_made_after_the_withdrawal_is_told_why(talk: Talk, asked: str) -> None:
    go_on(talk)
    refused = talk.page.vote(asked)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "withdrawn")
    assert "asked anew" in refused.get_json()["detail"]
    assert [segment["rating"] for segment in talk.segments()] == [None, None]


@ON_BOTH
def test_a_press_made_before_the_withdrawal_is_stored_on_its_own_part(talk: Talk, asked: str, clock: SetClock) -> None:
    go_on(talk)
    assert talk.statuses() == ["withdrawn"]
    clock.forward(hours=3)
    talk.end()
    age_ms = 3 * 60 * MINUTE_MS
    assert talk.page.vote(asked, age_ms=age_ms).status_code == 409, "at the very moment of the withdrawal it is over"
    assert talk.vote(asked, 1, age_ms=age_ms + 1)["status"] == "saved"
    assert [segment["status"] for segment in talk.segments()] == ["rated", "waiting"]
    assert talk.statuses() == ["voted", "asked"]


@ON_BOTH
def test_once_voted_a_question_is_never_withdrawn_and_may_be_changed(talk: Talk, asked: str, clock: SetClock) -> None:
    talk.vote(asked, 3, id="A" * 22)
    go_on(talk)
    clock.forward(minutes=5)
    assert talk.statuses() == ["voted"]
    assert talk.vote(asked, 1, id="A" * 22, rev=2)["score"] == 1
    first, second = talk.segments()
    assert (first["rating"]["answer"]["score"], second["rating"]) == (1, None)


@ON_BOTH
def test_each_part_keeps_its_own_rating(talk: Talk, asked: str, clock: SetClock) -> None:
    talk.vote(asked, 3)
    go_on(talk)
    second = talk.ask()
    assert second != asked
    talk.vote(second, 1)
    scores = [segment["rating"]["answer"]["score"] for segment in talk.segments()]
    pins = [segment["pin"] for segment in talk.segments()]
    assert scores == [3, 1]
    assert pins == [segment["messages"][-1]["external_id"] for segment in talk.segments()]
    assert pins[0] != pins[1]


@ON_BOTH
def test_the_end_of_a_part_that_is_asked_about_withdraws_older_questions(
    talk: Talk, asked: str, clock: SetClock
) -> None:
    """A site may ask though it does not know: such a part never deserved its own question before its end."""
    done(talk.api.patch("/site", {"rules": {"chat": {"reopened_visitor_messages": 0, "person_replies": 0}}}))
    clock.forward(minutes=1)
    talk.reopen()
    assert talk.statuses() == ["asked"]
    talk.say("visitor")
    talk.end()
    assert talk.statuses() == ["withdrawn", "asked"]


def test_a_dismissed_question_may_be_answered_until_it_is_withdrawn(talk: Talk, asked: str) -> None:
    done_empty = talk.page.post("dismissed", {"token": asked})
    assert (done_empty.status_code, talk.statuses()) == (204, ["dismissed"])
    talk.say("visitor", "Thanks")
    again = done(talk.page.end(talk.id))
    assert not again["asked"], "what was put away is not shown again"
    assert talk.vote(asked)["status"] == "saved"
    assert talk.statuses()[0] == "voted"


def test_a_dismissed_question_is_withdrawn_like_any_other(talk: Talk, asked: str) -> None:
    talk.page.post("dismissed", {"token": asked})
    go_on(talk)
    assert talk.statuses() == ["withdrawn"]
    assert talk.page.vote(asked).get_json()["code"] == "withdrawn"


def test_the_page_learns_of_the_question_though_thanks_came_before_its_poll(talk: Talk, clock: SetClock) -> None:
    """The back end ends the chat; between two polls the visitor says thanks, which opens a part of its own."""
    talk.chat()
    assert talk.page.poll(talk.id).status_code == 204
    talk.end()
    clock.forward(seconds=2)
    talk.say("visitor", "Thanks")
    answer = done(talk.page.poll(talk.id))
    assert answer["asked"]
    assert talk.vote(answer["token"])["status"] == "saved"
    assert talk.page.poll(talk.id).status_code == 204, "answered, and the new part is open"


def test_poll_and_ended_write_and_say_the_same(talk: Talk) -> None:
    talk.chat().end()
    polled = done(talk.page.poll(talk.id, revisions=[talk.page.revision]))
    assert polled == done(talk.page.end(talk.id))
    assert polled == done(talk.page.end(talk.id))
    assert len(talk.ledger()) == 1
