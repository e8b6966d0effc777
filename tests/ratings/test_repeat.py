"""One press sent several times, by a double click or a retry: one row, and every receipt names the same vote."""

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
Press = Callable[..., Any]


@pytest.fixture(params=TARGETS)
def press(request: pytest.FixtureRequest, talk: Talk, article_page: Page, site: MadeSite, clock: SetClock) -> Press:
    """Return a function that presses on a target of each kind; `number` selects the target."""

    def send(number: int = 0, score: int | None = 3, **fields: Any) -> Any:
        if request.param == "token":
            return talk.page.vote(tokens[number], score, **fields)
        is_signed = request.param == "signed"
        signature = signed(site, int(clock.now().timestamp()) + 900, f"ann{number}") if is_signed else {}
        return article_page.vote({"kind": "article", "subject": f"/a{number}", **signature}, score, **fields)

    tokens = [Talk(talk.api, talk.page).chat().ask() for _ in range(ROUNDS)] if request.param == "token" else []
    return send


def test_a_press_repeated_in_sequence_is_stored_once(app: Flask, press: Press) -> None:
    for number, times in enumerate((2, 20)):
        name = press_id()
        receipts = [done(press(number, id=name)) for _ in range(times)]
        assert receipts[0]["status"] == "saved"
        assert all(receipt == receipts[0] for receipt in receipts), "each repeat returns the first receipt"
        assert (count(app, "vote"), count(app, "vote_change"), wrong_counts(app)) == (number + 1, 0, [])


def test_a_press_repeated_concurrently_is_stored_once(app: Flask, press: Press, clock: SetClock) -> None:
    copies = 12
    for number in range(ROUNDS):
        name = press_id()
        calls = [lambda n=number, i=name: press(n, id=i)] * copies
        receipts = [done(response) for response in at_once(calls)]
        assert receipts[0]["status"] == "saved"
        assert all(receipt == receipts[0] for receipt in receipts), "each repeat returns the first receipt"
        assert count(app, "vote") == number + 1
    assert wrong_counts(app) == []


def test_concurrent_readers_of_a_new_article_create_one_subject(app: Flask, article_page: Page) -> None:
    calls = [lambda: article_page.vote({"kind": "article", "subject": "/new"})] * 12
    receipts = [done(response) for response in at_once(calls)]
    assert len({receipt["vote"] for receipt in receipts}) == len(receipts) == count(app, "vote")
    assert (count(app, "subject"), wrong_counts(app)) == (1, [])


ANSWERS = st.fixed_dictionaries(
    {
        "score": st.sampled_from([1, 2, 3, None]),
        "reasons": st.lists(st.sampled_from(["slow", "kind"]), max_size=2, unique=True),
        "comment": st.sampled_from([None, "", "Hm", "Hm "]),
    }
)


def to_stored(answer: dict[str, Any]) -> tuple[Any, ...]:
    """Return what is stored of an answer: a removed one has no texts, and an empty comment is None."""
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
    if to_stored(one) == to_stored(other):
        assert done(second)["vote"] == first["vote"]
    else:
        assert (second.status_code, second.get_json()["code"]) == (422, "conflict")
        assert second.get_json()["pointer"] == "/rev"
    assert rows(app, "vote")[-1] == before


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=ANSWERS, other=ANSWERS)
def test_a_lower_rev_is_never_refused(
    app: Flask, article_page: Page, one: dict[str, Any], other: dict[str, Any]
) -> None:
    """A removal clears the earlier submissions, so a lower rev has no answer to conflict with."""
    assume(one["score"] is not None)
    name, target = press_id(), {"kind": "article", "subject": "/a"}
    for rev, answer in ((1, one), (2, {"score": None}), (3, other)):
        done(article_page.vote(target, id=name, rev=rev, **answer))
    for rev, answer in ((1, one), (2, {"score": None})):
        receipt = done(article_page.vote(target, id=name, rev=rev, **answer))
        assert (receipt["status"], receipt["score"]) == ("ignored", other["score"])


def test_of_concurrent_presses_with_different_answers_one_is_stored(app: Flask, article_page: Page) -> None:
    name, target = press_id(), {"kind": "article", "subject": "/a"}
    calls = [lambda score=score: article_page.vote(target, score, id=name) for score in (1, 2, 3, 1)]
    responses = at_once(calls)
    stored_score = rows(app, "vote")[0].score
    for score, response in zip((1, 2, 3, 1), responses, strict=True):
        assert response.status_code == (200 if score == stored_score else 422)
    assert wrong_counts(app) == []
