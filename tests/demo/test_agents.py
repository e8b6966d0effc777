"""The answers of the shop's agents."""

import pytest

from widget_server.demo.agents import FAREWELL, OTHERWISE, choose_answer


def test_the_topic_decides_the_answer(subtests: pytest.Subtests) -> None:
    words = {
        "My chain slips on the climb": "kilometres",
        "where is my ORDER": "Let me look",
        "the brakes squeal": "rim brake",
        "is this the right tyre?": "37-622",
        "I want my money back": "30 days",
        "hello": "Hello",
        "something else entirely": "a little more",
    }
    for text, word in words.items():
        with subtests.test(written=text):
            assert word in choose_answer([text], [])


def test_a_second_message_gets_the_next_answer_of_its_topic() -> None:
    first = choose_answer(["My chain slips"], [])
    second = choose_answer(["My chain slips", "About 4,000 km"], [first])
    assert second != first
    assert "change the chain" in second


def test_thanks_are_answered_with_a_farewell_each_time() -> None:
    assert choose_answer(["My chain slips", "Thanks, bye"], []) == FAREWELL
    assert choose_answer(["Thanks, bye", "thank you"], [FAREWELL]) == FAREWELL


def test_a_visitor_who_writes_after_a_goodbye_gets_an_answer() -> None:
    assert choose_answer(["My chain slips", "Thanks, bye", "One more thing"], [FAREWELL]) != FAREWELL


def test_the_last_answer_repeats_when_all_are_used() -> None:
    assert choose_answer(["x"], list(OTHERWISE)) == OTHERWISE[-1]
