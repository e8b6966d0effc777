"""A visitor removes an answer: the row is kept, its texts are cleared everywhere, and the counts change with it."""

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
    """Return the token of a question that was answered twice, both times with a comment."""
    token = talk.chat().ask()
    for rev, score in ((1, 1), (2, 3)):
        talk.vote(token, score, id="C" * 22, rev=rev, comment=WORDS, reasons=["slow"])
        clock.forward(minutes=2)
    return token


def read_everything(talk: Talk) -> str:
    """Return all that agents can read of a conversation and its votes."""
    vote = rating_of(talk)["vote"]
    paths = (talk.path, f"{talk.path}/invitations", "/votes", f"/votes/{vote}", "/conversations")
    return "".join(talk.api.get(path).get_data(as_text=True) for path in paths)


def rating_of(talk: Talk) -> Any:
    return talk.segments()[0]["rating"]


def test_the_row_is_kept_and_the_answer_is_removed(app: Flask, talk: Talk, token: str) -> None:
    before = rows(app, "vote")[0]
    assert WORDS in read_everything(talk)
    receipt = talk.vote(token, None, id="C" * 22, rev=3, comment=WORDS, reasons=["slow"])
    assert (receipt["status"], receipt["score"], receipt["comment"]) == ("removed", None, False)
    after = rows(app, "vote")[0]
    assert (after.id, after.first_at, after.voted_on) == (before.id, before.first_at, before.voted_on)
    assert (after.score, after.comment, after.reasons, after.answers) == (None, None, [], {})
    assert [(row.score, row.comment, row.reasons, row.recovery) for row in rows(app, "vote_change")] == [
        (None, None, [], False)
    ] * 3
    assert (WORDS in read_everything(talk), "slow" in read_everything(talk)) == (False, False)
    assert talk.segments()[0]["status"] == "removed"
    assert talk.statuses() == ["voted"], "the question was answered, so its status remains"


def test_the_counts_change_with_a_removal(app: Flask, talk: Talk, token: str) -> None:
    assert sum(counts(app)["tally"].values()) == 1
    talk.vote(token, None, id="C" * 22, rev=3)
    remaining_counts = counts(app)
    assert (remaining_counts["tally"], remaining_counts["agent_tally"], wrong_counts(app)) == ({}, {}, [])
    talk.vote(token, 2, id="C" * 22, rev=4)
    assert [key[4] for key in counts(app)["tally"]] == [2]
    assert wrong_counts(app) == []


def test_a_removed_answer_is_not_in_the_history(app: Flask, talk: Talk, token: str, clock: SetClock) -> None:
    """A new answer after the removal is no correction of the old one, and no recovery from it."""
    talk.vote(token, None, id="C" * 22, rev=3)
    clock.forward(minutes=5)
    talk.vote(token, 3, id="C" * 22, rev=4)
    rating = rating_of(talk)
    assert (rating["answer"]["score"], rating["corrected"]) == (3, None)
    history = done(talk.api.get(f"/votes/{rating['vote']}/history"))["history"]
    assert [(entry["answer"]["score"], entry["recovery"]) for entry in history] == [(3, False)]


def test_another_client_removes_the_answer(app: Flask, talk: Talk, token: str, clock: SetClock) -> None:
    """The other client is the visitor with cleared storage. Retries of the first change nothing and succeed."""
    talk.vote(token, None, id=press_id())
    for rev, score in ((1, 1), (2, 3)):
        receipt = talk.vote(token, score, id="C" * 22, rev=rev, comment=WORDS, age_ms=300_000)
        assert (receipt["status"], receipt["score"]) == ("ignored", None)
    assert (count(app, "vote"), WORDS in read_everything(talk)) == (1, False)


def test_a_removal_that_arrives_before_the_answer(app: Flask, article_page: Page) -> None:
    name, target = press_id(), {"kind": "article", "subject": "/a"}
    assert done(article_page.vote(target, None, id=name, rev=2))["status"] == "removed"
    late_receipt = done(article_page.vote(target, 1, id=name, rev=1, comment=WORDS))
    assert (late_receipt["status"], late_receipt["score"]) == ("ignored", None)
    assert [row.comment for row in rows(app, "vote")] == [None] and rows(app, "vote_change") == []
    assert (counts(app)["tally"], counts(app)["subject_tally"]) == ({}, {})


def test_a_removal_on_an_article_clears_its_comment(article_page: Page, app: Flask, api: Any) -> None:
    name, target = press_id(), {"kind": "article", "subject": "/a"}
    article_page.vote(target, 1, id=name, comment=WORDS)
    assert WORDS in api.get("/subjects").get_data(as_text=True)
    article_page.vote(target, None, id=name, rev=2)
    assert WORDS not in api.get("/subjects").get_data(as_text=True)
    subject = done(api.get("/subjects"))["subjects"][0]
    assert sum(subject["counts"].values()) == 0
