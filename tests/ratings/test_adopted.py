"""A claim's question and answer once they are part of the real conversation: whose they are, and what they count."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from widget_server.core import tokens
from widget_server.ratings.claim_merge import put_conversation
from widget_server.ratings.service import save_vote
from widget_server.ratings.submission import Submission
from widget_server.ratings.target import target_of_invitation
from widget_server.sites.models import Site
from widget_server.sites.site_cache import cached_settings
from widget_server.storage.db import db
from widget_server.storage.engines import Engines

from ..back_end import Api
from ..conversations.concurrency import wait_until_blocked
from ..conversations.rows import count, counts, rows, wrong_counts
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..frozen_clock import SetClock
from ..widget.conftest import Page, press_id

pytestmark = ON_BOTH
STAFF = "anna-as-visitor"
PLACES = {"page": "https://shop.example/help", "lang": "da"}


@pytest.fixture
def stranger(talk: Talk) -> Page:
    """A page whose browser the back end has not named yet."""
    return dataclasses.replace(talk.page, browser=press_id())


@pytest.fixture
def known(talk: Talk, stranger: Page) -> Talk:
    """A chat with Anna of the first team, which the back end told of without a browser."""
    done(talk.api.put("/agents/anna", {"name": "Anna", "team": "First", "visitor": STAFF}))
    found = Talk(talk.api, talk.page)
    found.page = stranger
    found.say("visitor")
    found.say("agent", agent="anna")
    return found


def adopt(talk: Talk, **fields: Any) -> None:
    talk.tell(browser=tokens.digest(talk.page.browser), **fields)


def statuses(app: Flask) -> list[tuple[str, bool]]:
    """Standing and proof of each count that is not zero."""
    return [(key[5], key[6]) for key in counts(app)["tally"]]


@pytest.mark.parametrize("pressed", ["before", "after"])
def test_who_answered_shares_in_the_vote(app: Flask, known: Talk, pressed: str) -> None:
    token = done(known.page.end(known.id, **PLACES))["token"]
    if pressed == "before":
        done(known.page.vote(token, 3))
    adopt(known, visitor="ann", team="First", customer_reference="A-17")
    if pressed == "after":
        done(known.page.vote(token, 3))
    [segment] = known.segments()
    assert (segment["agents"], segment["team"], segment["status"]) == (["Anna"], "First", "rated")
    frozen = known.ledger()[0]["context"]
    assert (frozen["visitor"], frozen["customer_reference"]) == ("ann", "A-17")
    assert (frozen["page"], frozen["language"]) == (PLACES["page"], PLACES["lang"]), "the page alone knew these"
    assert list(counts(app)["agent_tally"].values()) == [1]
    assert wrong_counts(app) == []


def test_a_claim_that_was_not_asked_decides_nothing(app: Flask, known: Talk) -> None:
    """It knew nothing of what was said, and would keep the visitor from ever being asked."""
    done(known.api.patch("/site", {"ask_when_unknown": False}))
    assert done(known.page.end(known.id)) == {"asked": False, "reason": "unknown"}
    adopt(known)
    assert known.ledger() == []
    assert (known.end()["asked"], known.statuses()) == (True, ["asked"])
    assert done(known.page.poll(known.id))["asked"]
    assert wrong_counts(app) == []


def test_what_was_not_asked_is_asked_by_the_page_that_is_proven_now(
    app: Flask, api: Api, page: Page, clock: SetClock
) -> None:
    done(api.patch("/site", {"ask_when_unknown": False}))
    assert not done(page.end("c1"))["asked"]
    told = [{"external_id": name, "author": name, "text": "Hello"} for name in ("visitor", "agent")]
    done(api.put("/conversations/c1", {"browser": tokens.digest(page.browser)}))
    done(api.post("/conversations/c1/messages", {"messages": told}))
    assert done(page.end("c1"))["asked"]
    assert (count(app, "invitation"), wrong_counts(app)) == (1, [])


@pytest.mark.parametrize("told", ["together", "later"])
def test_an_answer_of_staff_counts_for_nothing(app: Flask, known: Talk, told: str) -> None:
    done(known.page.vote(done(known.page.end(known.id))["token"], 3, id="S" * 22))
    if told == "later":
        adopt(known)
        assert statuses(app) == [("counted", True)]
        known.tell(visitor=STAFF)
    else:
        adopt(known, visitor=STAFF)
    rating = known.segments()[0]["rating"]
    assert (rating["status"], rating["status_reason"]) == ("suspected", "staff")
    assert (statuses(app), wrong_counts(app)) == ([("suspected", True)], [])
    token = done(known.page.end(known.id))["token"]
    done(known.page.vote(token, 1, id="S" * 22, rev=2))
    assert (statuses(app), wrong_counts(app)) == ([("suspected", True)], []), "nor does a change of it"


@pytest.mark.parametrize("told", ["together", "later"])
def test_a_question_to_staff_is_withdrawn(app: Flask, known: Talk, clock: SetClock, told: str) -> None:
    token = done(known.page.end(known.id))["token"]
    clock.forward(minutes=1)
    if told == "later":
        adopt(known)
        known.tell(visitor=STAFF)
    else:
        adopt(known, visitor=STAFF)
    assert known.statuses() == ["withdrawn"]
    clock.forward(minutes=1)
    assert known.page.vote(token, 3).status_code == 409
    done(known.page.vote(token, 3, age_ms=90_000))
    assert known.segments()[0]["rating"]["status"] == "suspected", "pressed before, and a press of staff all the same"
    assert (statuses(app), wrong_counts(app)) == ([("suspected", True)], [])


def test_a_visitors_answer_stays_when_the_talk_is_handed_to_staff(app: Flask, talks: Callable[..., Talk]) -> None:
    talk = talks(visitor="ann").chat()
    talk.vote(talk.ask(), 3)
    done(talk.api.put("/agents/anna", {"name": "Anna", "visitor": STAFF}))
    talk.tell(visitor=STAFF)
    assert (statuses(app), talk.statuses()) == ([("counted", True)], ["voted"])


def while_adopted(app: Flask, talk: Talk, then: Callable[[], Any]) -> Any:
    """What `then` returns, which begins when the browser has been named and ends after that was committed."""
    with ThreadPoolExecutor(1) as pool, app.app_context():
        site = db.session.scalars(select(Site)).one()
        put_conversation(site, talk.id, {}, browser_hash=tokens.digest(talk.page.browser))
        db.session.flush()
        other = pool.submit(then)
        wait_until_blocked(app, other)
        db.session.commit()
        return other.result()


def test_a_press_while_its_claim_is_adopted(app: Flask, known: Talk) -> None:
    """It is counted where the question is by then, and those who read the conversation are told."""
    token = done(known.page.end(known.id))["token"]
    done(while_adopted(app, known, lambda: known.page.vote(token, 3)))
    assert (known.segments()[0]["rating"]["verified"], list(counts(app)["agent_tally"].values())) == (True, [1])
    [cast] = rows(app, "event", kind="vote.cast")
    assert str(cast.conversation_id) == known.read()["id"]
    assert wrong_counts(app) == []


def test_a_claim_adopted_while_its_press_is_stored(app: Flask, known: Talk, clock: SetClock) -> None:
    done(known.page.end(known.id))
    [question] = rows(app, "invitation")
    now = clock.now()
    submission = Submission("f" * 64, 1, UUID(known.page.revision), 3, received_at=now, intended_at=now)
    engines: Engines = app.extensions["tilfreds_engines"]
    with ThreadPoolExecutor(1) as pool:
        with engines.write.begin() as connection:
            site = cached_settings(connection, known.page.key)
            assert site is not None
            save_vote(connection, site, target_of_invitation(connection, site.id, question.id), submission)
            other = pool.submit(adopt, known)
            wait_until_blocked(app, other)
        other.result()
    assert (known.segments()[0]["rating"]["verified"], list(counts(app)["agent_tally"].values())) == (True, [1])
    assert wrong_counts(app) == []


def test_a_page_ends_its_claim_while_that_is_adopted(app: Flask, known: Talk) -> None:
    first = done(known.page.end(known.id))
    assert done(while_adopted(app, known, lambda: known.page.end(known.id))) == first
    assert (len(known.ledger()), wrong_counts(app)) == (1, [])
