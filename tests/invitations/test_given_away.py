"""A conversation that its back end gives to another visitor: an answer belongs to the person who gave it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from widget_server.core import tokens

from ..back_end import Api
from ..conversations.rows import count, rows, wrong_counts
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..factories import MadeSite
from ..frozen_clock import SetClock
from ..widget.conftest import press_id
from .signing import signed

Talks = Callable[..., Talk]


def page_fields(site: MadeSite, clock: SetClock, visitor: str) -> dict[str, Any]:
    """Return what the page of a signed visitor sends."""
    return {"browser": press_id(), **signed(site, int(clock.now().timestamp()) + 900, visitor)}


@ON_BOTH
def test_the_new_visitor_sees_no_answer_of_the_other(app: Flask, talks: Talks, site: MadeSite, clock: SetClock) -> None:
    talk = talks(visitor="ann").chat()
    name = press_id()
    token = talk.ask()
    talk.vote(token, 1, id=name)
    talk.tell(visitor="bob")
    bob, ann = page_fields(site, clock, "bob"), page_fields(site, clock, "ann")
    for answer in (talk.page.end(talk.id, **bob), talk.page.poll(talk.id, **bob)):
        assert not (answer.get_json(silent=True) or {}).get("asked"), answer.get_json()
    assert talk.page.poll(talk.id).status_code == 204, "the browser of before shows nothing either"
    assert talk.page.poll(talk.id, **ann).status_code == 204
    assert talk.vote(token, 2, id=name, rev=2)["score"] == 2, "the page that holds the answer may change it"
    assert talk.segments()[0]["rating"]["answer"]["score"] == 2
    assert [done(talk.api.get("/votes"))["votes"][0]["visitor"]] == ["ann"]

    clock.forward(minutes=20)
    talk.chat()
    answer = done(talk.page.end(talk.id, **page_fields(site, clock, "bob")))
    assert answer["asked"] and "answered" not in answer
    talk.vote(answer["token"], 3)
    visitors = [row["visitor"] for row in done(talk.api.get("/votes"))["votes"]]
    assert sorted(visitors) == ["ann", "bob"]
    assert wrong_counts(app) == []


@ON_BOTH
def test_an_open_question_to_the_other_visitor_ends(app: Flask, talks: Talks, clock: SetClock) -> None:
    talk = talks(visitor="ann").chat()
    token = talk.ask()
    clock.forward(minutes=1)
    talk.tell(visitor="bob")
    assert talk.statuses() == ["withdrawn"]
    clock.forward(minutes=1)
    response = talk.page.vote(token, 1)
    assert (response.status_code, response.get_json()["code"]) == (409, "withdrawn")
    assert wrong_counts(app) == []


def test_a_visitor_who_becomes_known_keeps_the_question(talks: Talks, site: MadeSite, clock: SetClock) -> None:
    talk = talks().chat()
    token = talk.ask()
    talk.tell(visitor="ann")
    assert talk.statuses() == ["asked"]
    assert done(talk.page.poll(talk.id, **page_fields(site, clock, "ann")))["token"] == token
    talk.vote(token, 3)
    talk.tell(visitor="bob")
    response = talk.page.poll(talk.id, **page_fields(site, clock, "bob"))
    assert response.status_code == 204, response.get_json()


def test_a_browser_named_with_the_new_visitor_stays(talks: Talks) -> None:
    talk = talks(visitor="ann").chat()
    talk.tell(visitor="bob", browser=tokens.digest(talk.page.browser))
    assert talk.ask()


@ON_BOTH
def test_an_erasure_clears_only_the_answers_of_its_person(app: Flask, talks: Talks, api: Api, clock: SetClock) -> None:
    talk = talks(visitor="ann").chat()
    talk.vote(talk.ask(), 1, comment="by Ann")
    talk.tell(visitor="bob")
    done(api.post("/visitors/bob/erase"))
    assert [row.comment for row in rows(app, "vote")] == ["by Ann"]
    done(api.post("/visitors/ann/erase"))
    assert [row.comment for row in rows(app, "vote")] == [None]
    assert (count(app, "visitor"), wrong_counts(app)) == (0, [])
