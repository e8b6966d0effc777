"""What a page only claimed, and what becomes of it once the back end names its browser."""

from __future__ import annotations

import csv
import dataclasses
import io
from typing import Any

import pytest
from flask import Flask

from widget_server.core import tokens
from widget_server.inbox.vote_list import VoteFilter
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
def claim(page: Page, clock: SetClock) -> str:
    """The token of a claim."""
    return str(done(page.end("c1"))["token"])


def name_browser(api: Api, page: Page, conversation: str = "c1", **fields: Any) -> Any:
    return api.put(f"/conversations/{conversation}", {"browser": tokens.digest(page.browser), **fields})


def segments(api: Api, conversation: str = "c1") -> list[Any]:
    return list(done(api.get(f"/conversations/{conversation}"))["segments"])


def test_a_repeated_end_gives_the_same_question(app: Flask, page: Page, claim: str, clock: SetClock) -> None:
    first = done(page.end("c1"))
    for _ in range(3):
        clock.forward(minutes=7)
        assert done(page.end("c1")) == first
    assert done(page.end("another id"))["token"] == claim, "the browser decides, the id is a note"
    other = dataclasses.replace(page, browser=press_id())
    assert done(other.end("c1"))["token"] != claim
    assert [count(app, name) for name in ("conversation", "segment", "invitation")] == [2, 2, 2]


def test_a_claim_is_a_conversation_apart(api: Api, page: Page, claim: str) -> None:
    done(page.vote(claim, 1))
    listed = done(api.get("/conversations"))["conversations"][0]
    assert (listed["external_id"], listed["claimed_id"], listed["rating"]["verified"]) == (None, "c1", False)
    assert api.get("/conversations/c1").status_code == 404
    assert page.poll("c1").status_code == 204, "a poll asks for what the back end ended"


def test_named_before_the_press(app: Flask, api: Api, page: Page, claim: str) -> None:
    done(name_browser(api, page))
    assert done(page.end("c1"))["token"] == claim
    done(page.vote(claim, 3))
    assert [(s["status"], s["rating"]["verified"]) for s in segments(api)] == [("rated", True)]
    assert (count(app, "conversation"), wrong_counts(app)) == (1, [])


def test_named_after_the_press(app: Flask, api: Api, page: Page, claim: str, clock: SetClock) -> None:
    first = done(page.vote(claim, 3, id=NAME, comment="Fine"))
    assert [key[6] for key in counts(app)["tally"]] == [False]
    done(name_browser(api, page, visitor="ann"))
    assert [key[6] for key in counts(app)["tally"]] == [True]
    rating = segments(api)[0]["rating"]
    assert (rating["vote"], rating["verified"], rating["comment"]) == (first["vote"], True, "Fine")
    clock.forward(seconds=5)
    assert done(page.vote(claim, 1, id=NAME, rev=2))["vote"] == first["vote"]
    assert (count(app, "conversation"), count(app, "vote"), wrong_counts(app)) == (1, 1, [])


def exported(app: Flask, site: MadeSite) -> list[dict[str, str]]:
    out = io.StringIO()
    with app.app_context():
        export_votes(db.session(), site.id, VoteFilter(), out)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


@pytest.mark.parametrize("told", ["with the browser", "before the browser"])
def test_an_adopted_vote_is_its_visitors(
    app: Flask, site: MadeSite, api: Api, page: Page, claim: str, told: str
) -> None:
    """As one that was cast after the naming is: in the list, in the export, and when the person is erased."""
    done(page.vote(claim, 1, comment="I am Beatrix", page="https://shop.example/beatrix"))
    if told == "before the browser":
        done(api.put("/conversations/c1", {"visitor": "beatrix"}))
        done(name_browser(api, page))
    else:
        done(name_browser(api, page, visitor="beatrix"))
    (listed,) = done(api.get("/votes"))["votes"]
    assert (listed["visitor"], listed["verified"], listed["comment"]) == ("beatrix", True, "I am Beatrix")
    assert [(row["visitor"], row["verified"]) for row in exported(app, site)] == [("beatrix", "yes")]
    assert done(api.post("/visitors/beatrix/erase"))["conversations"] == 1
    (listed,) = done(api.get("/votes"))["votes"]
    assert (listed["visitor"], listed["verified"], listed["comment"]) == (None, True, None)
    assert "beatrix" not in str([rows(app, name) for name in ("vote", "vote_change", "invitation", "visitor")]).lower()
    assert wrong_counts(app) == []


def test_an_adopted_vote_goes_with_its_person_wherever_it_stands(app: Flask, api: Api, page: Page, claim: str) -> None:
    """The person is found by the vote, also where the conversation was given to somebody else meanwhile."""
    done(page.vote(claim, 1, comment="I am Beatrix"))
    done(name_browser(api, page, visitor="beatrix"))
    done(api.put("/conversations/c1", {"visitor": "bob"}))
    assert [row["visitor"] for row in done(api.get("/votes"))["votes"]] == ["beatrix"]
    assert done(api.post("/visitors/beatrix/erase"))["conversations"] == 0
    assert [(row.comment, row.visitor_id) for row in rows(app, "vote")] == [(None, None)]


def test_the_conversation_was_there_before_the_claim(app: Flask, talk: Talk, clock: SetClock) -> None:
    """The page ended the chat before the back end had told whose browser it was."""
    stranger = dataclasses.replace(talk.page, browser=press_id())
    known = Talk(talk.api, talk.page).chat()
    clock.forward(seconds=1)
    token = done(stranger.end(known.id))["token"]
    first = done(stranger.vote(token, 1, id=NAME))
    done(name_browser(talk.api, stranger, known.id))
    segment = known.segments()[0]
    assert (segment["status"], segment["rating"]["vote"]) == ("rated", first["vote"])
    assert segment["pin"] == segment["messages"][-1]["external_id"]
    assert count(app, "conversation") == 2, "the talk of the fixture and this one; the claim is part of it"
    clock.forward(seconds=1)
    assert done(stranger.vote(token, 3, id=NAME, rev=2))["vote"] == first["vote"]
    assert done(stranger.end(known.id))["token"] == token
    assert known.end()["status"] == "voted", "nobody is asked twice about one part"
    assert wrong_counts(app) == []


def test_every_part_has_a_question_of_its_own(app: Flask, talk: Talk) -> None:
    """What was answered apart stays apart, and is not lost."""
    stranger = dataclasses.replace(talk.page, browser=press_id())
    token = done(stranger.end(talk.id))["token"]
    done(stranger.vote(token, 1))
    talk.chat()
    talk.vote(talk.ask(), 3)
    done(name_browser(talk.api, stranger, talk.id))
    assert [s["rating"]["answer"]["score"] for s in talk.segments()] == [3]
    assert sorted(row.score for row in rows(app, "vote")) == [1, 3]
    assert wrong_counts(app) == []


def test_a_browser_belongs_to_one_conversation(api: Api, page: Page, claim: str) -> None:
    done(name_browser(api, page))
    refused = name_browser(api, page, "c2")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "browser_taken")
    assert api.get("/conversations/c2").status_code == 404
    assert done(page.end("c2"))["token"] == claim


def test_the_back_end_ends_what_the_page_has_asked_about(api: Api, page: Page, claim: str) -> None:
    done(name_browser(api, page))
    ended = done(api.post("/conversations/c1/end", {}))
    assert (ended["asked"], ended["status"]) == (True, "asked")
    ledger = done(api.get("/conversations/c1/invitations"))["invitations"]
    assert [(row["proof"], row["source"]) for row in ledger] == [("browser", "page")]


@pytest.mark.parametrize("by", ["browser", "back end"])
def test_staff_are_not_asked_about_talks_of_their_own(api: Api, talk: Talk, by: str) -> None:
    """Proven by the browser there is no signature to refuse: the ledger says why nobody is asked."""
    done(api.put("/agents/anna", {"name": "Anna", "visitor": "anna-as-visitor"}))
    own = Talk(api, talk.page, visitor="anna-as-visitor").chat()
    if by == "back end":
        assert own.end()["reason"] == "staff"
    assert done(own.page.end(own.id)) == {"asked": False, "reason": "staff"}
    assert [(row["status"], row["reason"]) for row in own.ledger()] == [("not_asked", "staff")]
    assert own.segments()[0]["reason_text"]
