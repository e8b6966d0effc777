"""A visitor takes an answer back: the row stays, answer and words go from everywhere, and the counts follow."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from ..conversations.rows import count, counts, rows, wrong_counts
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..frozen_clock import SetClock
from ..widget.conftest import Page, press_id

pytestmark = ON_BOTH
WORDS = "canary-of-a-comment"


@pytest.fixture
def token(talk: Talk, clock: SetClock) -> str:
    """Of a question that was answered twice, both times in words."""
    made = talk.chat().ask()
    for rev, score in ((1, 1), (2, 3)):
        talk.vote(made, score, id="C" * 22, rev=rev, comment=WORDS, reasons=["slow"])
        clock.forward(minutes=2)
    return made


def everything(talk: Talk) -> str:
    """All that agents can read of a conversation and its votes."""
    vote = rows_of(talk)["vote"]
    paths = (talk.path, f"{talk.path}/invitations", "/votes", f"/votes/{vote}", "/conversations")
    return "".join(talk.api.get(path).get_data(as_text=True) for path in paths)


def rows_of(talk: Talk) -> Any:
    return talk.segments()[0]["rating"]


def test_the_row_stays_and_the_answer_goes(app: Flask, talk: Talk, token: str) -> None:
    before = rows(app, "vote")[0]
    assert WORDS in everything(talk)
    receipt = talk.vote(token, None, id="C" * 22, rev=3, comment=WORDS, reasons=["slow"])
    assert (receipt["status"], receipt["score"], receipt["comment"]) == ("removed", None, False)
    after = rows(app, "vote")[0]
    assert (after.id, after.first_at, after.voted_on) == (before.id, before.first_at, before.voted_on)
    assert (after.score, after.comment, after.reasons, after.answers) == (None, None, [], {})
    assert [(row.score, row.comment, row.reasons, row.recovery) for row in rows(app, "vote_change")] == [
        (None, None, [], False)
    ] * 3
    assert (WORDS in everything(talk), "slow" in everything(talk)) == (False, False)
    assert talk.segments()[0]["status"] == "removed"
    assert talk.statuses() == ["voted"], "there was an answer, and it was taken back"


def test_the_counts_follow(app: Flask, talk: Talk, token: str) -> None:
    assert sum(counts(app)["tally"].values()) == 1
    talk.vote(token, None, id="C" * 22, rev=3)
    kept = counts(app)
    assert (kept["tally"], kept["agent_tally"], wrong_counts(app)) == ({}, {}, [])
    talk.vote(token, 2, id="C" * 22, rev=4)
    assert [key[4] for key in counts(app)["tally"]] == [2]
    assert wrong_counts(app) == []


def test_what_was_taken_back_is_not_told_again(app: Flask, talk: Talk, token: str, clock: SetClock) -> None:
    """A new answer after the removal is no correction of the old one, and no recovery from it."""
    talk.vote(token, None, id="C" * 22, rev=3)
    clock.forward(minutes=5)
    talk.vote(token, 3, id="C" * 22, rev=4)
    rating = rows_of(talk)
    assert (rating["answer"]["score"], rating["corrected"]) == (3, None)
    history = done(talk.api.get(f"/votes/{rating['vote']}"))["history"]
    assert [(entry["answer"]["score"], entry["recovery"]) for entry in history] == [(3, False)]


def test_removed_by_another_client(app: Flask, talk: Talk, token: str, clock: SetClock) -> None:
    """The same visitor with cleared storage; the first client's retries change nothing and are not refused."""
    talk.vote(token, None, id=press_id())
    for rev, score in ((1, 1), (2, 3)):
        again = talk.vote(token, score, id="C" * 22, rev=rev, comment=WORDS, age_ms=300_000)
        assert (again["status"], again["score"]) == ("ignored", None)
    assert (count(app, "vote"), WORDS in everything(talk)) == (1, False)


def test_a_removal_that_arrives_before_the_answer(app: Flask, article_page: Page) -> None:
    name, target = press_id(), {"kind": "article", "subject": "/a"}
    assert done(article_page.vote(target, None, id=name, rev=2))["status"] == "removed"
    late = done(article_page.vote(target, 1, id=name, rev=1, comment=WORDS))
    assert (late["status"], late["score"]) == ("ignored", None)
    assert [row.comment for row in rows(app, "vote")] == [None] and rows(app, "vote_change") == []
    assert (counts(app)["tally"], counts(app)["subject_tally"]) == ({}, {})


def test_an_article_loses_its_comment_too(article_page: Page, app: Flask, api: Any) -> None:
    name, target = press_id(), {"kind": "article", "subject": "/a"}
    article_page.vote(target, 1, id=name, comment=WORDS)
    assert WORDS in api.get("/subjects").get_data(as_text=True)
    article_page.vote(target, None, id=name, rev=2)
    assert WORDS not in api.get("/subjects").get_data(as_text=True)
    listed = done(api.get("/subjects"))["subjects"][0]
    assert sum(listed["counts"].values()) == 0
