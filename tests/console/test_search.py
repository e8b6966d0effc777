"""Search in comments: every database finds the same letters, and the list marks them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest
from flask import Flask

from tests.conversations.talk import Talk
from tests.databases import ON_BOTH
from tests.frozen_clock import SetClock
from tests.storage.models import metadata
from widget_server.storage.db import db

from .conftest import Desk

Talks = Callable[..., Talk]


@pytest.fixture
def comment_on(talk: Talk) -> Callable[[str], None]:
    """Make a comment the only one of the site: each replaces the one before."""
    token, revs = talk.chat().ask(), count(1)

    def comment(text: str) -> None:
        assert talk.vote(token, 1, comment=text, id="A" * 22, rev=next(revs))["status"] == "saved"

    return comment


@pytest.fixture
def say(talks: Talks) -> Callable[[str], Talk]:
    """Return a function that makes a conversation with this comment."""

    def make(comment: str, **fields: str) -> Talk:
        talk = talks(**fields).chat()
        talk.vote(talk.ask(), 1, comment=comment, id="A" * 22)
        return talk

    return make


def hits(desk: Desk, words: str) -> list[str]:
    """Return the marked text of each row."""
    return [row.one("mark").text for row in desk.rows(q=words)]


SAME: list[tuple[str, str, str]] = [
    ("Far too SLOW", "too slow", "too SLOW"),
    ("Pakken kom ØDELAGT på dørtrinnet", "ødelagt PÅ", "ØDELAGT på"),
    ("Die STRASSE war falsch", "straße", "STRASSE"),
    ("Die Straße war falsch", "STRASSE", "Straße"),
    ("Größe passt nicht", "GRÖSSE", "Größe"),
    ("Gro\u0308ße zerlegt geschrieben", "größe", "Gro\u0308ße"),
    ("İSTANBUL'dan gelmedi", "istanbul", "İSTANBUL"),
    ("ılık geldi", "ILIK", "ılık"),
    ("لم يَصِلْ الطرد", "يصل", "يَصِلْ"),
    ("الـــطرد متأخر", "الطرد", "الـــطرد"),
    ("ﬁnally here", "FINAL", "ﬁnal"),
    ("Two\nlines  of it", "two lines of", "Two lines of"),
    ("100% wrong_way \\o/", "100% WRONG_way \\o/", "100% wrong_way \\o/"),
    ("<b>bold</b> & more", "<B>bold</b> &", "<b>bold</b> &"),
    ("Преведено ЛОШО", "лошо", "ЛОШО"),
    ("👍🏽 nice", "👍🏽", "👍🏽"),
]


@ON_BOTH
def test_the_same_letters_are_found(comment_on: Callable, desk: Desk, subtests: pytest.Subtests) -> None:
    for comment, words, marked_text in SAME:
        with subtests.test(comment=comment, words=words):
            comment_on(comment)
            assert hits(desk, words) == [marked_text]


OTHER = {"100 of 100": "100%", "wrongXway": "wrong_way", "pa": "på", "back/slash": "back\\slash", "a": "ab"}


@ON_BOTH
def test_other_letters_are_not(comment_on: Callable, desk: Desk, subtests: pytest.Subtests) -> None:
    for comment, words in OTHER.items():
        with subtests.test(comment=comment, words=words):
            comment_on(comment)
            assert desk.titles(q=words) == []


def test_the_row_shows_the_place_of_the_match(say: Callable, desk: Desk) -> None:
    say("word " * 100 + "needle " + "word " * 100)
    [row] = desk.rows(q="needle")
    line = row.one("q").text
    assert line.startswith("…")
    assert line.endswith("…")
    assert len(line) < 160
    assert "“" not in row.one("span", klass="line").text


@ON_BOTH
def test_an_earlier_segments_comment_is_found(say: Callable, desk: Desk, clock: SetClock) -> None:
    talk = say("The first parcel", title="Twice")
    clock.forward(hours=1)
    talk.chat()
    talk.vote(talk.ask(), 3, comment="All well now", id="B" * 22)
    assert desk.titles(q="parcel") == ["Twice"]
    assert hits(desk, "first") == ["first"]
    assert hits(desk, "well") == ["well"]


@ON_BOTH
def test_only_the_current_comment_is_found(say: Callable, desk: Desk) -> None:
    talk = say("Before")
    token = talk.ask()
    talk.vote(token, 1, comment="After", id="A" * 22, rev=2)
    assert desk.titles(q="before") == []
    assert hits(desk, "after") == ["After"]
    talk.vote(token, None, id="A" * 22, rev=3)
    assert desk.titles(q="after") == []


@ON_BOTH
def test_an_erased_comment_is_not_found_and_not_stored(say: Callable, desk: Desk, app: Flask) -> None:
    talk = say("My name is Beatrix")
    talk.tell(visitor="beatrix")
    assert hits(desk, "beatrix") == ["Beatrix"]
    assert talk.api.post("/visitors/beatrix/erase").status_code == 200
    assert desk.titles(q="beatrix") == []
    with app.app_context():
        votes = db.session.execute(metadata.tables["vote"].select()).mappings().all()
    assert [(row["comment"], row["comment_folded"]) for row in votes] == [(None, None)]
