"""The latest press wins, not the latest arrival: by `rev` for one client, by time of press between clients."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..conversations.rows import count, rows, wrong_counts
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..frozen_clock import SetClock
from ..widget.conftest import Page, press_id

SUBJECT = {"kind": "article", "subject": "/a"}
ORDERS = st.randoms(use_true_random=False)
SCORES = st.sampled_from([1, 2, 3, None])
SLOW_SETTINGS = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}
Talks = Callable[..., Talk]


def deliver_in_any_order(
    app: Flask, article_page: Page, clock: SetClock, scores: list[int | None], order: Random, repeats: int
) -> None:
    """Deliver the submissions of one client in a random order, some of them twice, and check each receipt."""
    places = list(range(len(scores))) + [order.randrange(len(scores)) for _ in range(repeats)]
    order.shuffle(places)
    name = press_id()
    target = {"kind": "article", "subject": f"/{name}"}
    highest = -1
    for place in places:
        clock.forward(seconds=order.choice([0, 1, 90]))
        receipt = done(article_page.vote(target, scores[place], id=name, rev=place + 1, comment=f"c{place}"))
        status = "ignored" if place < highest else "saved" if scores[place] else "removed"
        highest = max(highest, place)
        assert (receipt["status"], receipt["score"], receipt["rev"]) == (status, scores[highest], place + 1)
    vote = rows(app, "vote")[-1]
    last = len(scores) - 1
    assert (vote.rev, vote.score) == (last + 1, scores[last])
    assert vote.comment == (None if scores[last] is None else f"c{last}")
    assert wrong_counts(app) == []


@ON_BOTH
@settings(max_examples=12, **SLOW_SETTINGS)  # type: ignore[arg-type]
@given(
    scores=st.lists(SCORES, min_size=2, max_size=6), order=st.randoms(use_true_random=False), repeats=st.integers(0, 3)
)
def test_the_highest_rev_wins_in_any_order(
    app: Flask, article_page: Page, clock: SetClock, scores: list[int | None], order: Random, repeats: int
) -> None:
    deliver_in_any_order(app, article_page, clock, scores, order, repeats)


@ON_BOTH
@pytest.mark.long
@settings(max_examples=400, **SLOW_SETTINGS)  # type: ignore[arg-type]
@given(
    scores=st.lists(SCORES, min_size=2, max_size=9), order=st.randoms(use_true_random=False), repeats=st.integers(0, 9)
)
def test_the_highest_rev_wins_in_any_order_at_length(
    app: Flask, article_page: Page, clock: SetClock, scores: list[int | None], order: Random, repeats: int
) -> None:
    deliver_in_any_order(app, article_page, clock, scores, order, repeats)


PRESSES = st.lists(st.tuples(st.integers(0, 100), SCORES), min_size=2, max_size=4, unique_by=lambda press: press[0])


@ON_BOTH
@settings(max_examples=8, **SLOW_SETTINGS)  # type: ignore[arg-type]
@given(presses=PRESSES, order=ORDERS)
def test_the_latest_press_of_several_browsers_wins_in_any_order_of_arrival(
    app: Flask, talks: Talks, clock: SetClock, presses: list[tuple[int, int | None]], order: Random
) -> None:
    """Each press has a different client and second; all are delivered after 100 seconds, in any order."""
    talk = talks().chat()
    token = talk.ask()
    clock.forward(seconds=100)
    arrivals = list(presses)
    order.shuffle(arrivals)
    latest = -1
    for second, score in arrivals:
        receipt = talk.vote(token, score, id=press_id(), age_ms=(100 - second) * 1000)
        latest = max(latest, second)
        assert receipt["score"] == dict(presses)[latest]
    score = dict(presses)[max(dict(presses))]
    assert [vote.score for vote in rows(app, "vote")][-1] == score
    assert talk.segments()[0]["status"] == ("rated" if score else "removed")
    assert wrong_counts(app) == []


@ON_BOTH
def test_two_tabs_take_turns(talk: Talk, clock: SetClock) -> None:
    """Each tab has its `rev`; the later press wins, also with a lower `rev`."""
    token, first_tab, other_tab = talk.chat().ask(), press_id(), press_id()
    presses = [(first_tab, 1, 1), (first_tab, 2, 2), (other_tab, 1, 3), (first_tab, 3, 1), (other_tab, 2, 2)]
    for name, rev, score in presses:
        clock.forward(seconds=1)
        assert talk.vote(token, score, id=name, rev=rev)["score"] == score
    receipt = talk.vote(token, 3, id=press_id(), age_ms=1_500)
    assert (receipt["status"], receipt["score"]) == ("ignored", 2)
    assert [entry["answer"]["score"] for entry in read_history(talk)] == [1, 2, 3, 1, 2]


def read_history(talk: Talk) -> list[Any]:
    vote = talk.segments()[0]["rating"]["vote"]
    return list(done(talk.api.get(f"/votes/{vote}/history"))["history"])


@ON_BOTH
def test_cleared_storage_is_another_client_of_the_same_question(app: Flask, talk: Talk, clock: SetClock) -> None:
    token = talk.chat().ask()
    first = talk.vote(token, 1, id=press_id(), rev=7)
    clock.forward(minutes=1)
    decision = done(talk.page.end(talk.id))
    assert decision["answered"]["vote"] == first["vote"]
    second = talk.vote(token, 3, id=press_id(), rev=1)
    assert (second["vote"], second["score"], count(app, "vote")) == (first["vote"], 3, 1)


@ON_BOTH
def test_an_article_rated_the_next_day_by_the_same_browser_and_by_another(
    app: Flask, article_page: Page, clock: SetClock
) -> None:
    name = press_id()
    first = done(article_page.vote(SUBJECT, 1, id=name))
    clock.forward(days=1)
    changed_receipt = done(article_page.vote(SUBJECT, 3, id=name, rev=2))
    assert changed_receipt["vote"] == first["vote"]
    other_receipt = done(article_page.vote(SUBJECT, 2, id=press_id()))
    assert other_receipt["vote"] != first["vote"]
    assert {(row.score, str(row.voted_on)) for row in rows(app, "vote")} == {(3, "2026-03-03"), (2, "2026-03-04")}
    receipt_of_b = done(article_page.vote({**SUBJECT, "subject": "/b"}, 2, id=name))
    assert receipt_of_b["vote"] != first["vote"], "the same id on another article is another vote"


def test_all_addresses_of_an_article_are_one_subject(app: Flask, article_page: Page) -> None:
    """The subject is the path: query and fragment may hold secrets and names of campaigns."""
    name = press_id()
    addresses = [
        "/a",
        "/a?utm=1",
        "/a#top",
        "https://shop.example/a",
        "https://u:p@shop.example/a?b#c",
        "//shop.example/a",
    ]
    votes = {done(article_page.vote({**SUBJECT, "subject": address}, id=name))["vote"] for address in addresses}
    assert len(votes) == 1
    assert [row.subject for row in rows(app, "subject")] == ["/a"]


def test_a_returning_page_receives_its_receipt(talk: Talk) -> None:
    token = talk.chat().ask()
    talk.vote(token, 3, comment="Fine", id="B" * 22)
    page = dataclasses.replace(talk.page)
    answered = done(page.end(talk.id))["answered"]
    assert (answered["score"], answered["comment"], answered["rev"]) == (3, True, 1)
    talk.vote(token, None, id="B" * 22, rev=2)
    answered = done(page.end(talk.id))["answered"]
    assert (answered["score"], answered["comment"], answered["rev"]) == (None, False, 2)
