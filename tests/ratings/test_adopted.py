"""An unverified conversation's question and answer after the merge: who is credited, and what is counted."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
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
    """Return a page whose browser the back end has not named yet."""
    return dataclasses.replace(talk.page, browser=press_id())


@pytest.fixture
def chat(talk: Talk, stranger: Page) -> Talk:
    """Return a chat with Anna of the first team that the back end created without naming a browser."""
    done(talk.api.put("/agents/anna", {"name": "Anna", "team": "First", "visitor": STAFF}))
    chat = Talk(talk.api, talk.page)
    chat.page = stranger
    chat.say("visitor")
    chat.say("agent", agent="anna")
    return chat


def name_browser(talk: Talk, **fields: Any) -> None:
    """Let the back end name the browser of the chat, so that the unverified conversation is merged."""
    talk.tell(browser=tokens.digest(talk.page.browser), **fields)


def statuses(app: Flask) -> list[tuple[str, bool]]:
    """Return (status, verified) of each count that is not zero."""
    return [(key[5], key[6]) for key in counts(app)["tally"]]


@pytest.mark.parametrize("pressed", ["before", "after"])
def test_the_agent_who_answered_is_credited(app: Flask, chat: Talk, pressed: str) -> None:
    token = done(chat.page.end(chat.id, **PLACES))["token"]
    if pressed == "before":
        done(chat.page.vote(token, 3))
    name_browser(chat, visitor="ann", team="First", customer_reference="A-17")
    if pressed == "after":
        done(chat.page.vote(token, 3))
    [segment] = chat.segments()
    assert (segment["agents"], segment["team"], segment["status"]) == (["Anna"], "First", "rated")
    context = chat.ledger()[0]["context"]
    assert (context["visitor"], context["customer_reference"]) == ("ann", "A-17")
    assert (context["page"], context["language"]) == (PLACES["page"], PLACES["lang"]), "only the page knew these"
    assert list(counts(app)["agent_tally"].values()) == [1]
    assert wrong_counts(app) == []


def test_an_unverified_decision_not_to_ask_is_withdrawn(app: Flask, chat: Talk) -> None:
    """The page had no messages to decide by, and its decision would prevent the visitor from ever being asked."""
    done(chat.api.patch("/site", {"ask_when_unknown": False}))
    assert done(chat.page.end(chat.id)) == {"asked": False, "reason": "unknown"}
    name_browser(chat)
    assert chat.ledger() == []
    assert (chat.end()["asked"], chat.statuses()) == (True, ["asked"])
    assert done(chat.page.poll(chat.id))["asked"]
    assert wrong_counts(app) == []


def test_a_page_asks_once_the_back_end_verifies_its_browser(app: Flask, api: Api, page: Page, clock: SetClock) -> None:
    done(api.patch("/site", {"ask_when_unknown": False}))
    assert not done(page.end("c1"))["asked"]
    sent_at = (clock.now() - timedelta(seconds=10)).isoformat()
    messages = [
        {"external_id": name, "author": name, "text": "Hello", "sent_at": sent_at} for name in ("visitor", "agent")
    ]
    done(api.put("/conversations/c1", {"browser": tokens.digest(page.browser)}))
    done(api.post("/conversations/c1/messages", {"messages": messages}))
    assert done(page.end("c1"))["asked"]
    assert (count(app, "invitation"), wrong_counts(app)) == (1, [])


@pytest.mark.parametrize("visitor_named", ["together", "later"])
def test_an_answer_of_staff_is_not_counted(app: Flask, chat: Talk, visitor_named: str) -> None:
    done(chat.page.vote(done(chat.page.end(chat.id))["token"], 3, id="S" * 22))
    if visitor_named == "later":
        name_browser(chat)
        assert statuses(app) == [("counted", True)]
        chat.tell(visitor=STAFF)
    else:
        name_browser(chat, visitor=STAFF)
    rating = chat.segments()[0]["rating"]
    assert (rating["status"], rating["status_reason"]) == ("suspected", "staff")
    assert (statuses(app), wrong_counts(app)) == ([("suspected", True)], [])
    token = done(chat.page.end(chat.id))["token"]
    done(chat.page.vote(token, 1, id="S" * 22, rev=2))
    assert (statuses(app), wrong_counts(app)) == ([("suspected", True)], []), "nor does a change of it"


@pytest.mark.parametrize("visitor_named", ["together", "later"])
def test_a_question_to_staff_is_withdrawn(app: Flask, chat: Talk, clock: SetClock, visitor_named: str) -> None:
    token = done(chat.page.end(chat.id))["token"]
    clock.forward(minutes=1)
    if visitor_named == "later":
        name_browser(chat)
        chat.tell(visitor=STAFF)
    else:
        name_browser(chat, visitor=STAFF)
    assert chat.statuses() == ["withdrawn"]
    clock.forward(minutes=1)
    assert chat.page.vote(token, 3).status_code == 409
    done(chat.page.vote(token, 3, age_ms=90_000))
    assert chat.segments()[0]["rating"]["status"] == "suspected", "pressed before the withdrawal, but still by staff"
    assert (statuses(app), wrong_counts(app)) == ([("suspected", True)], [])


def test_a_visitors_answer_is_kept_when_the_chat_is_assigned_to_staff(app: Flask, talks: Callable[..., Talk]) -> None:
    talk = talks(visitor="ann").chat()
    talk.vote(talk.ask(), 3)
    done(talk.api.put("/agents/anna", {"name": "Anna", "visitor": STAFF}))
    talk.tell(visitor=STAFF)
    assert (statuses(app), talk.statuses()) == ([("counted", True)], ["voted"])


def call_during_merge(app: Flask, talk: Talk, call: Callable[[], Any]) -> Any:
    """Start `call` while a merge is uncommitted, wait until it blocks, commit, and return its result."""
    with ThreadPoolExecutor(1) as pool, app.app_context():
        site = db.session.scalars(select(Site)).one()
        put_conversation(site, talk.id, {}, browser_hash=tokens.digest(talk.page.browser))
        db.session.flush()
        other = pool.submit(call)
        wait_until_blocked(app, other)
        db.session.commit()
        return other.result()


def test_a_press_during_the_merge(app: Flask, chat: Talk) -> None:
    """The vote is counted for the merged conversation, and its readers receive the event."""
    token = done(chat.page.end(chat.id))["token"]
    done(call_during_merge(app, chat, lambda: chat.page.vote(token, 3)))
    assert (chat.segments()[0]["rating"]["verified"], list(counts(app)["agent_tally"].values())) == (True, [1])
    [event] = rows(app, "event", kind="vote.cast")
    assert str(event.conversation_id) == chat.read()["id"]
    assert wrong_counts(app) == []


def test_a_merge_while_a_press_is_stored(app: Flask, chat: Talk, clock: SetClock) -> None:
    done(chat.page.end(chat.id))
    [invitation] = rows(app, "invitation")
    now = clock.now()
    submission = Submission("f" * 64, 1, UUID(chat.page.revision), 3, received_at=now, intended_at=now)
    engines: Engines = app.extensions["tilfreds_engines"]
    with ThreadPoolExecutor(1) as pool:
        with engines.write.begin() as connection:
            site = cached_settings(connection, chat.page.key)
            assert site is not None
            save_vote(connection, site, target_of_invitation(connection, site.id, invitation.id), submission)
            other = pool.submit(name_browser, chat)
            wait_until_blocked(app, other)
        other.result()
    assert (chat.segments()[0]["rating"]["verified"], list(counts(app)["agent_tally"].values())) == (True, [1])
    assert wrong_counts(app) == []


def test_a_page_ends_its_conversation_during_the_merge(app: Flask, chat: Talk) -> None:
    first = done(chat.page.end(chat.id))
    assert done(call_during_merge(app, chat, lambda: chat.page.end(chat.id))) == first
    assert (len(chat.ledger()), wrong_counts(app)) == (1, [])
