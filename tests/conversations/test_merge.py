"""Merge two conversations, and two contacts, of one site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from ..back_end import Api
from ..databases import ON_BOTH
from ..factories import MadeSite, Make
from ..frozen_clock import SetClock
from ..invitations.signing import signed
from ..widget.conftest import Page, press_id
from .rows import count, rows, wrong_counts
from .talk import Talk, done

Talks = Callable[..., Talk]


def merge(api: Api, talk: Talk, into: Talk) -> Any:
    return api.post(f"{talk.path}/merge", {"into": into.id})


def texts(segment: Any) -> list[str]:
    return [message["text"] for message in segment["messages"]]


@ON_BOTH
def test_segments_messages_and_ratings_move(app: Flask, api: Api, talks: Talks, clock: SetClock) -> None:
    first = talks(title="First", visitor="ann")
    first.say("visitor", "one")
    first.say("agent", "two")
    first.vote(first.ask(), 1, comment="Slow")
    clock.forward(minutes=30)
    second = talks(title="Second", visitor="ann", team="North")
    second.say("visitor", "three", external_id="shared")
    second.say("agent", "four")
    second.vote(second.ask(), 3)
    clock.forward(minutes=30)
    first.say("visitor", "five")
    first.say("visitor", "three", external_id="shared")
    clock.forward(seconds=1)
    second.say("visitor", "six")
    answer = done(merge(api, first, second))
    assert (answer["external_id"], answer["title"], answer["team"]) == (second.id, "Second", "North")
    segments = second.segments()
    assert [segment["number"] for segment in segments] == [1, 2, 3]
    assert [segment["rating"] and segment["rating"]["answer"]["score"] for segment in segments] == [1, 3, None]
    assert [texts(segment) for segment in segments] == [["one", "two"], ["three", "four"], ["five", "six"]]
    assert segments[0]["rating"]["comment"] == "Slow"
    assert api.get(first.path).status_code == 404
    assert (count(app, "conversation"), count(app, "vote"), wrong_counts(app)) == (1, 2, [])
    assert merge(api, first, second).status_code == 404
    clock.forward(minutes=1)
    second.say("agent", "seven")
    assert second.ask()
    assert wrong_counts(app) == []


@ON_BOTH
def test_only_the_newest_question_stays_open(app: Flask, api: Api, talks: Talks, clock: SetClock) -> None:
    first, second = talks(visitor="ann").chat(), talks().chat()
    first.ask()
    clock.forward(minutes=20)
    token = second.ask()
    done(merge(api, first, second))
    assert second.statuses() == ["withdrawn", "asked"]
    second.vote(token, 3)
    assert second.read()["visitor"] == "ann", "the visitor that only the other one had"
    assert wrong_counts(app) == []


@ON_BOTH
def test_answers_of_another_visitor_stay_hidden(
    app: Flask, api: Api, talks: Talks, site: MadeSite, clock: SetClock
) -> None:
    first, second = talks(visitor="ann").chat(), talks(visitor="bob")
    clock.forward(minutes=1)
    second.chat()
    token = second.ask()
    second.vote(token, 3)
    done(merge(api, second, first))
    fields = {"browser": press_id(), **signed(site, int(clock.now().timestamp()) + 900, "ann")}
    answer = first.page.poll(first.id, **fields)
    assert not (answer.get_json(silent=True) or {}).get("asked")
    assert sorted(row["visitor"] for row in done(api.get("/votes"))["votes"]) == ["bob"]


def test_what_cannot_be_merged(api: Api, talks: Talks, make: Make) -> None:
    talk = talks().chat()
    assert merge(api, talk, talk).status_code == 422
    assert api.post(f"{talk.path}/merge", {"into": "no such"}).status_code == 404
    assert api.post("/conversations/none/merge", {"into": talk.id}).status_code == 404
    stranger = make.back_end(make.site(name="Other"))
    assert stranger.post(f"{talk.path}/merge", {"into": talk.id}).status_code == 404
    for body in ({"into": "ann"}, {"into": "nobody"}):
        assert api.post("/visitors/nobody/merge", body).status_code in (404, 422)


@ON_BOTH
def test_two_contacts_become_one(
    app: Flask, api: Api, talks: Talks, article_page: Page, site: MadeSite, clock: SetClock
) -> None:
    for visitor, score in (("lead-7", 1), ("ann", 3)):
        talk = talks(visitor=visitor).chat()
        talk.vote(talk.ask(), score)
        article = {"kind": "article", "subject": "/a", **signed(site, int(clock.now().timestamp()) + 900, visitor)}
        done(article_page.vote(article, score))
        clock.forward(minutes=1)
    assert done(api.post("/visitors/lead-7/merge", {"into": "ann", "by": "Ruth"})) == {"conversations": 1}
    votes = done(api.get("/votes"))["votes"]
    assert {vote["visitor"] for vote in votes} == {"ann"}
    excluded = [vote for vote in votes if vote["status"] == "excluded"]
    assert [(vote["kind"], vote["answer"]["score"], vote["excluded"]["by"]) for vote in excluded] == [
        ("article", 1, "Ruth")
    ]
    assert [row.external_id for row in rows(app, "visitor")] == ["ann"]
    assert wrong_counts(app) == []
    done(article_page.vote({**article}, 2, id=press_id()))
    assert count(app, "vote") == 4, "the merged visitor has one rating of the article"
    done(api.post("/visitors/ann/erase"))
    assert {vote["visitor"] for vote in done(api.get("/votes"))["votes"]} == {None}
    assert wrong_counts(app) == []
