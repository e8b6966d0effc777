"""Unverified conversations of a page, and their merge once the back end names its browser."""

from __future__ import annotations

import csv
import dataclasses
import io
from typing import Any

import pytest
from flask import Flask

from widget_server.core import tokens
from widget_server.inbox.vote_filter import VoteFilter
from widget_server.reports.exports import export_votes
from widget_server.storage.db import db

from ..back_end import Api
from ..conversations.rows import count, counts, rows, wrong_counts
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..factories import MadeSite
from ..frozen_clock import SetClock
from ..widget.conftest import Page, press_id

pytestmark = ON_BOTH
NAME = "F" * 22


@pytest.fixture
def unverified_token(page: Page, clock: SetClock) -> str:
    """Return the token of a question that a page asked for without a back end."""
    return str(done(page.end("c1"))["token"])


def name_browser(api: Api, page: Page, conversation: str = "c1", **fields: Any) -> Any:
    return api.put(f"/conversations/{conversation}", {"browser": tokens.digest(page.browser), **fields})


def segments(api: Api, conversation: str = "c1") -> list[Any]:
    return list(done(api.get(f"/conversations/{conversation}"))["segments"])


def test_a_repeated_end_returns_the_same_question(
    app: Flask, page: Page, unverified_token: str, clock: SetClock
) -> None:
    first = done(page.end("c1"))
    for _ in range(3):
        clock.forward(minutes=7)
        assert done(page.end("c1")) == first
    assert done(page.end("another id"))["token"] == unverified_token, (
        "the browser identifies the conversation, not the id"
    )
    other = dataclasses.replace(page, browser=press_id())
    assert done(other.end("c1"))["token"] != unverified_token
    assert [count(app, name) for name in ("conversation", "segment", "invitation")] == [2, 2, 2]


def test_an_unverified_conversation_is_separate(api: Api, page: Page, unverified_token: str) -> None:
    done(page.vote(unverified_token, 1))
    row = done(api.get("/conversations"))["conversations"][0]
    assert (row["external_id"], row["unverified_id"], row["rating"]["verified"]) == (None, "c1", False)
    assert api.get("/conversations/c1").status_code == 404
    assert page.poll("c1").status_code == 204, "a poll returns only what the back end ended"


def test_named_before_the_press(app: Flask, api: Api, page: Page, unverified_token: str) -> None:
    done(name_browser(api, page))
    assert done(page.end("c1"))["token"] == unverified_token
    done(page.vote(unverified_token, 3))
    assert [(s["status"], s["rating"]["verified"]) for s in segments(api)] == [("rated", True)]
    assert (count(app, "conversation"), wrong_counts(app)) == (1, [])


def test_named_after_the_press(app: Flask, api: Api, page: Page, unverified_token: str, clock: SetClock) -> None:
    first = done(page.vote(unverified_token, 3, id=NAME, comment="Fine"))
    assert [key[6] for key in counts(app)["tally"]] == [False]
    done(name_browser(api, page, visitor="ann"))
    assert [key[6] for key in counts(app)["tally"]] == [True]
    rating = segments(api)[0]["rating"]
    assert (rating["vote"], rating["verified"], rating["comment"]) == (first["vote"], True, "Fine")
    clock.forward(seconds=5)
    assert done(page.vote(unverified_token, 1, id=NAME, rev=2))["vote"] == first["vote"]
    assert (count(app, "conversation"), count(app, "vote"), wrong_counts(app)) == (1, 1, [])


def read_export(app: Flask, site: MadeSite) -> list[dict[str, str]]:
    file = io.StringIO()
    with app.app_context():
        export_votes(db.session(), site.id, VoteFilter(), file)
    return list(csv.DictReader(io.StringIO(file.getvalue())))


@pytest.mark.parametrize("visitor_named", ["with the browser", "before the browser"])
def test_a_merged_vote_belongs_to_its_visitor(
    app: Flask, site: MadeSite, api: Api, page: Page, unverified_token: str, visitor_named: str
) -> None:
    """The list, the export and the erasure treat it like a vote that was stored after the browser was named."""
    done(page.vote(unverified_token, 1, comment="I am Beatrix", page="https://shop.example/beatrix"))
    if visitor_named == "before the browser":
        done(api.put("/conversations/c1", {"visitor": "beatrix"}))
        done(name_browser(api, page))
    else:
        done(name_browser(api, page, visitor="beatrix"))
    (vote,) = done(api.get("/votes"))["votes"]
    assert (vote["visitor"], vote["verified"], vote["comment"]) == ("beatrix", True, "I am Beatrix")
    assert [(row["visitor"], row["verified"]) for row in read_export(app, site)] == [("beatrix", "yes")]
    assert done(api.post("/visitors/beatrix/erase"))["conversations"] == 1
    (vote,) = done(api.get("/votes"))["votes"]
    assert (vote["visitor"], vote["verified"], vote["comment"]) == (None, True, None)
    assert "beatrix" not in str([rows(app, name) for name in ("vote", "vote_change", "invitation", "visitor")]).lower()
    assert wrong_counts(app) == []


def test_erasure_finds_a_merged_vote_in_another_visitors_conversation(
    app: Flask, api: Api, page: Page, unverified_token: str
) -> None:
    """The vote names its visitor, also after the conversation was assigned to another visitor."""
    done(page.vote(unverified_token, 1, comment="I am Beatrix"))
    done(name_browser(api, page, visitor="beatrix"))
    done(api.put("/conversations/c1", {"visitor": "bob"}))
    assert [row["visitor"] for row in done(api.get("/votes"))["votes"]] == ["beatrix"]
    assert done(api.post("/visitors/beatrix/erase"))["conversations"] == 0
    assert [(row.comment, row.visitor_id) for row in rows(app, "vote")] == [(None, None)]


def test_the_back_end_created_the_conversation_first(app: Flask, talk: Talk, clock: SetClock) -> None:
    """The page ended the chat before the back end named its browser."""
    stranger = dataclasses.replace(talk.page, browser=press_id())
    chat = Talk(talk.api, talk.page).chat()
    clock.forward(seconds=1)
    token = done(stranger.end(chat.id))["token"]
    first = done(stranger.vote(token, 1, id=NAME))
    done(name_browser(talk.api, stranger, chat.id))
    segment = chat.segments()[0]
    assert (segment["status"], segment["rating"]["vote"]) == ("rated", first["vote"])
    assert segment["pin"] == segment["messages"][-1]["external_id"]
    assert count(app, "conversation") == 2, (
        "the chat of the fixture and this one, into which the unverified one was merged"
    )
    clock.forward(seconds=1)
    assert done(stranger.vote(token, 3, id=NAME, rev=2))["vote"] == first["vote"]
    assert done(stranger.end(chat.id))["token"] == token
    assert chat.end()["status"] == "voted", "a visitor is asked only once about a segment"
    assert wrong_counts(app) == []


def test_without_a_segment_that_lacks_a_question_nothing_is_merged(app: Flask, talk: Talk) -> None:
    """The unverified conversation remains separate and keeps its answer."""
    stranger = dataclasses.replace(talk.page, browser=press_id())
    token = done(stranger.end(talk.id))["token"]
    done(stranger.vote(token, 1))
    talk.chat()
    talk.vote(talk.ask(), 3)
    done(name_browser(talk.api, stranger, talk.id))
    assert [s["rating"]["answer"]["score"] for s in talk.segments()] == [3]
    assert sorted(row.score for row in rows(app, "vote")) == [1, 3]
    assert wrong_counts(app) == []


def test_a_browser_belongs_to_one_conversation(api: Api, page: Page, unverified_token: str) -> None:
    done(name_browser(api, page))
    response = name_browser(api, page, "c2")
    assert (response.status_code, response.get_json()["code"]) == (409, "browser_taken")
    assert api.get("/conversations/c2").status_code == 404
    assert done(page.end("c2"))["token"] == unverified_token


def test_the_back_end_ends_a_chat_about_which_the_page_asked(api: Api, page: Page, unverified_token: str) -> None:
    done(name_browser(api, page))
    decision = done(api.post("/conversations/c1/end", {}))
    assert (decision["asked"], decision["status"]) == (True, "asked")
    ledger = done(api.get("/conversations/c1/invitations"))["invitations"]
    assert [(row["proof"], row["source"]) for row in ledger] == [("browser", "page")]


@pytest.mark.parametrize("by", ["browser", "back end"])
def test_staff_are_not_asked_about_their_chats_as_visitors(api: Api, talk: Talk, by: str) -> None:
    """The browser verifies the visitor, so there is no signature to refuse; the ledger holds the reason."""
    done(api.put("/agents/anna", {"name": "Anna", "visitor": "anna-as-visitor"}))
    staff_chat = Talk(api, talk.page, visitor="anna-as-visitor").chat()
    if by == "back end":
        assert staff_chat.end()["reason"] == "staff"
    assert done(staff_chat.page.end(staff_chat.id)) == {"asked": False, "reason": "staff"}
    assert [(row["status"], row["reason"]) for row in staff_chat.ledger()] == [("not_asked", "staff")]
    assert staff_chat.segments()[0]["reason_text"]
