"""One press sent often: a double click, a retry, a proxy's retry. One row, and every answer names the same vote."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ..conversations.concurrency import at_once
from ..conversations.rows import count, rows, wrong_counts
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..factories import MadeSite
from ..frozen_clock import SetClock
from ..invitations.signing import signed
from ..widget.conftest import Page, press_id

pytestmark = ON_BOTH
ROUNDS = 4
TARGETS = ["token", "article", "signed"]
Vote = Callable[..., Any]


@pytest.fixture(params=TARGETS)
def press(request: pytest.FixtureRequest, talk: Talk, article_page: Page, site: MadeSite, clock: SetClock) -> Vote:
    """Sends one press, `press(**fields)`, to a target of its own kind; another subject with `number`."""

    def send(number: int = 0, score: int | None = 3, **fields: Any) -> Any:
        if request.param == "token":
            return talk.page.vote(tokens[number], score, **fields)
        proof = signed(site, int(clock.now().timestamp()) + 900, f"ann{number}") if request.param == "signed" else {}
        return article_page.vote({"kind": "article", "subject": f"/a{number}", **proof}, score, **fields)

    tokens = [Talk(talk.api, talk.page).chat().ask() for _ in range(ROUNDS)] if request.param == "token" else []
    return send


def test_one_after_the_other(app: Flask, press: Vote) -> None:
    for number, times in enumerate((2, 20)):
        name = press_id()
        answers = [done(press(number, id=name)) for _ in range(times)]
        assert answers[0]["status"] == "saved"
        assert all(answer == answers[0] for answer in answers), "each gets the first one's receipt"
        assert (count(app, "vote"), count(app, "vote_change"), wrong_counts(app)) == (number + 1, 0, [])


def test_all_at_once(app: Flask, press: Vote, clock: SetClock) -> None:
    copies = 12
    for number in range(ROUNDS):
        name = press_id()
        answers = [done(one) for one in at_once([lambda n=number, i=name: press(n, id=i)] * copies)]  # type: ignore[misc]
        assert answers[0]["status"] == "saved"
        assert all(answer == answers[0] for answer in answers), "each gets the first one's receipt"
        assert count(app, "vote") == number + 1
    assert wrong_counts(app) == []


def test_many_readers_of_one_new_article_at_once(app: Flask, article_page: Page) -> None:
    calls = [lambda: article_page.vote({"kind": "article", "subject": "/new"})] * 12
    answers = [done(response) for response in at_once(calls)]
    assert len({answer["vote"] for answer in answers}) == len(answers) == count(app, "vote")
    assert (count(app, "subject"), wrong_counts(app)) == (1, [])


ANSWERS = st.fixed_dictionaries(
    {
        "score": st.sampled_from([1, 2, 3, None]),
        "reasons": st.lists(st.sampled_from(["slow", "kind"]), max_size=2, unique=True),
        "comment": st.sampled_from([None, "", "Hm", "Hm "]),
    }
)


def meaning(answer: dict[str, Any]) -> tuple[Any, ...]:
    """What of an answer is kept: an answer taken back has no words, an empty comment is none."""
    if answer["score"] is None:
        return (None,)
    return (answer["score"], answer["reasons"], answer["comment"] or None)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=ANSWERS, other=ANSWERS, rev=st.integers(1, 3))
def test_the_same_press_with_another_answer_is_refused(
    app: Flask, article_page: Page, one: dict[str, Any], other: dict[str, Any], rev: int
) -> None:
    name, target = press_id(), {"kind": "article", "subject": "/a"}
    first = done(article_page.vote(target, id=name, rev=rev, **one))
    before = rows(app, "vote")[-1]
    second = article_page.vote(target, id=name, rev=rev, **other)
    if meaning(one) == meaning(other):
        assert done(second)["vote"] == first["vote"]
    else:
        assert (second.status_code, second.get_json()["code"]) == (422, "conflict")
        assert second.get_json()["pointer"] == "/rev"
    assert rows(app, "vote")[-1] == before


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=ANSWERS, other=ANSWERS)
def test_a_lower_rev_is_never_refused_whatever_it_says(
    app: Flask, article_page: Page, one: dict[str, Any], other: dict[str, Any]
) -> None:
    """Also once an answer was taken back: what was stored before is gone, so there is nothing to compare with."""
    assume(one["score"] is not None)
    name, target = press_id(), {"kind": "article", "subject": "/a"}
    for rev, answer in ((1, one), (2, {"score": None}), (3, other)):
        done(article_page.vote(target, id=name, rev=rev, **answer))
    for rev, answer in ((1, one), (2, {"score": None})):
        again = done(article_page.vote(target, id=name, rev=rev, **answer))
        assert (again["status"], again["score"]) == ("ignored", other["score"])


def test_two_at_once_with_other_answers_leave_one(app: Flask, article_page: Page) -> None:
    name, target = press_id(), {"kind": "article", "subject": "/a"}
    calls = [lambda score=score: article_page.vote(target, score, id=name) for score in (1, 2, 3, 1)]
    answers = at_once(calls)
    kept = rows(app, "vote")[0].score
    for score, answer in zip((1, 2, 3, 1), answers, strict=True):
        assert answer.status_code == (200 if score == kept else 422)
    assert wrong_counts(app) == []
