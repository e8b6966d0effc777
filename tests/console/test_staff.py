"""A rating by staff is shown, and is not counted."""

from __future__ import annotations

from tests.conversations.talk import Talk, done

from .conftest import Desk


def test_an_answer_that_is_not_counted_says_why_in_words(talk: Talk, desk: Desk) -> None:
    done(talk.api.put("/agents/anna", {"name": "Anna", "visitor": "anna-as-visitor"}))
    talk.chat()
    talk.vote(talk.ask(), 3)
    talk.tell(visitor="anna-as-visitor")
    assert "not counted: the visitor is one of the staff" in desk.band(talk.read()["id"]).text
