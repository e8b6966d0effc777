"""Answers that arrive after their visitor was erased: counted without words, or refused."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from widget_server.core import clock as product_clock

from ..back_end import Api
from ..conversations.concurrency import at_once
from ..conversations.rows import count, rows, wrong_counts
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..factories import MadeSite
from ..frozen_clock import SetClock
from ..invitations.signing import signed
from ..widget.conftest import Page, press_id
from .test_erasure import CANARY, erase, tables_with_canary

MINUTE_MS = 60_000
WORDS: dict[str, Any] = {"comment": f"Bad {CANARY}", "page": f"https://shop.example/{CANARY}"}
PAGES = 8
Talks = Callable[..., Talk]


def article_of(site: MadeSite, clock: Any, path: str = "/returns") -> dict[str, Any]:
    expires_at = int(clock.now().timestamp()) + 900
    return {"kind": "article", "subject": path, **signed(site, expires_at, "ann")}


def code_of(response: Any) -> str:
    assert response.status_code == 409, response.get_data(as_text=True)
    return str(response.get_json()["code"])


@ON_BOTH
def test_an_open_question_ends_with_the_erasure(app: Flask, api: Api, talks: Talks, clock: SetClock) -> None:
    talk = talks(visitor="ann").chat()
    token = talk.ask()
    done(api.put("/invitations/i1", {"visitor": "ann"}))
    erase(api, "ann")
    assert [row.status for row in rows(app, "invitation")] == ["withdrawn"] * 2
    assert code_of(talk.page.vote(token, 1, **WORDS)) == "erased"
    clock.forward(minutes=1)
    assert code_of(talk.page.vote(token, 1, **WORDS)) == "erased"
    assert (count(app, "vote"), wrong_counts(app)) == (0, [])


@ON_BOTH
def test_a_press_before_the_erasure_is_counted_without_words(
    clock: SetClock, app: Flask, api: Api, talks: Talks
) -> None:
    talk = talks(visitor="ann").chat()
    token, client = talk.ask(), press_id()
    clock.forward(minutes=1)
    erase(api, "ann")
    clock.forward(minutes=1)
    early = {"id": client, "age_ms": 2 * MINUTE_MS - 1, **WORDS}
    receipts = [talk.vote(token, 1, **early), talk.vote(token, 1, **early)]
    assert receipts[0] == receipts[1]
    assert (receipts[0]["status"], receipts[0]["comment"]) == ("saved", False)
    assert [(row.score, row.comment, row.visitor_id) for row in rows(app, "vote")] == [(1, None, None)]
    assert code_of(talk.page.vote(token, 3, id=client, rev=2, **WORDS)) == "erased"
    assert (tables_with_canary(app), wrong_counts(app)) == ([], [])


@ON_BOTH
def test_the_next_save_of_an_open_page_is_refused(
    clock: SetClock, app: Flask, api: Api, article_page: Page, talks: Talks, site: MadeSite
) -> None:
    """Send more of the same answers, from the page that holds them and from another browser."""
    talk = talks(visitor="ann").chat()
    token, client, article = talk.ask(), press_id(), article_of(site, clock)
    talk.vote(token, 1, id=client)
    done(article_page.vote(article, 1, id=client))
    clock.forward(minutes=1)
    erase(api, "ann")
    clock.forward(minutes=1)
    before = [(row.id, row.score, row.version) for row in rows(app, "vote")]
    for target, sender in ((token, talk.page), (article, article_page)):
        assert code_of(sender.vote(target, 2, id=client, rev=2, **WORDS)) == "erased"
        assert code_of(sender.vote(target, None, id=client, rev=3)) == "erased"
    assert code_of(talk.page.vote(token, 2, **WORDS)) == "erased"
    assert [(row.id, row.score, row.version) for row in rows(app, "vote")] == before
    early = {"id": client, "age_ms": 2 * MINUTE_MS - 1, **WORDS}
    for target, sender in ((token, talk.page), (article, article_page)):
        assert done(sender.vote(target, 3, rev=2, **early))["score"] == 3
    assert (tables_with_canary(app), wrong_counts(app), count(app, "visitor")) == ([], [], 0)


@ON_BOTH
def test_an_article_rated_before_the_erasure_names_nobody(
    clock: SetClock, app: Flask, api: Api, talks: Talks, article_page: Page, site: MadeSite
) -> None:
    article = article_of(site, clock)
    talks(visitor="ann")
    clock.forward(minutes=1)
    erase(api, "ann")
    clock.forward(minutes=1)
    early = {"id": press_id(), "age_ms": 2 * MINUTE_MS - 1, **WORDS}
    first, second = (done(article_page.vote(article, 1, **early)) for _ in range(2))
    assert first["vote"] == second["vote"]
    assert [(row.score, row.comment, row.visitor_id) for row in rows(app, "vote")] == [(1, None, None)]
    assert (tables_with_canary(app), count(app, "visitor"), wrong_counts(app)) == ([], 0, [])


@ON_BOTH
def test_a_visitor_who_comes_back_is_a_new_one(
    app: Flask, api: Api, article_page: Page, site: MadeSite, clock: SetClock
) -> None:
    """Rate and erase several times; each erasure leaves one more anonymous rating."""
    for n in range(1, 4):
        done(article_page.vote(article_of(site, clock), 1, **WORDS))
        assert (count(app, "vote"), count(app, "visitor")) == (n, 1)
        clock.forward(minutes=1)
        erase(api, "ann")
        assert tables_with_canary(app) == []
        clock.forward(minutes=1)
    assert wrong_counts(app) == []


def test_the_browser_of_an_erased_chat_starts_no_other(app: Flask, api: Api, talks: Talks, clock: SetClock) -> None:
    talk = talks(visitor="ann").chat()
    talk.ask()
    erase(api, "ann")
    assert code_of(talk.page.end(talk.id)) == "erased"
    assert talk.page.poll(talk.id).status_code == 204
    assert count(app, "conversation") == 1


@ON_BOTH
@pytest.mark.parametrize("what", ["chats", "articles"])
def test_pages_that_save_meanwhile(
    app: Flask, api: Api, talks: Talks, article_page: Page, site: MadeSite, what: str
) -> None:
    """Save from eight open pages while their visitor is erased; every save is stored without words, or refused."""
    if what == "chats":
        chats = [talks(visitor="ann").chat() for _ in range(PAGES)]
        places: list[tuple[Page, Any]] = [(talk.page, talk.ask()) for talk in chats]
    else:
        places = [(article_page, article_of(site, product_clock, f"/{n}")) for n in range(PAGES)]
    is_erased = False

    def save(sender: Page, target: Any) -> set[int]:
        client, statuses = press_id(), set()
        for rev in itertools.count(1):
            was_erased = is_erased
            statuses.add(sender.vote(target, 1 + rev % 3, id=client, rev=rev, **WORDS).status_code)
            if was_erased:
                return statuses
        raise AssertionError("unreachable")

    def erase_once() -> set[int]:
        nonlocal is_erased
        try:
            while not count(app, "vote"):
                """Wait for the first page."""
            return {api.post("/visitors/ann/erase").status_code}
        finally:
            is_erased = True

    results = at_once([erase_once, *[lambda place=place: save(*place) for place in places]])
    assert results[0] == {200}
    assert set().union(*results[1:]) <= {200, 409}
    assert wrong_counts(app) == []
    if what == "chats":
        assert (tables_with_canary(app), count(app, "vote")) == ([], PAGES)
