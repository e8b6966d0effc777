"""Manual invitations: ask now, or close without asking and store the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from widget_server.conversations.models import Agent, Conversation
from widget_server.core import tokens
from widget_server.invitations.conversation_state import lock_state
from widget_server.invitations.manual import ask_now
from widget_server.sites.models import Site
from widget_server.storage.db import db

from ..conversations.concurrency import at_once
from ..conversations.rows import wrong_counts
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..frozen_clock import SetClock
from ..widget.conftest import press_id

Talks = Callable[..., Talk]
REASON_TEXT = "closed without asking by Mia: a duplicate"


@pytest.fixture(autouse=True)
def mia(talk: Talk) -> str:
    done(talk.api.put("/agents/mia", {"name": "Mia", "visitor": "mia@shop"}))
    return "mia"


def ask(talk: Talk, status: int = 200, **fields: object) -> dict[str, object]:
    answer: dict[str, object] = done(talk.api.post(f"{talk.path}/ask", fields), status)
    return answer


def test_an_open_chat_ends_and_is_asked_about_against_the_rules(talk: Talk) -> None:
    talk.say("visitor")
    assert ask(talk, agent="mia")["asked"] is True
    (row,) = talk.ledger()
    assert (row["status"], row["source"], row["proof"]) == ("asked", "agent", "back_end")
    assert row["context"]["by"]["name"] == "Mia"
    (segment,) = talk.segments()
    assert segment["ended_at"] is not None
    assert talk.vote(talk.ask(), 3)["status"] == "saved"
    assert talk.statuses() == ["voted"]


@ON_BOTH
def test_after_a_decision_not_to_ask_the_invitation_is_the_next_attempt(app: Flask, talk: Talk) -> None:
    talk.say("visitor")
    assert talk.end()["reason"] == "no_person_answered"
    answer = ask(talk)
    assert (answer["asked"], answer["segment"], answer["reason"]) == (True, 1, None)
    assert [(row["attempt"], row["status"]) for row in talk.ledger()] == [(1, "not_asked"), (2, "asked")]
    token = talk.ask()
    assert talk.vote(token, 1)["score"] == 1
    assert talk.segments()[0]["status"] == "rated"
    assert wrong_counts(app) == []


def test_asked_twice_is_asked_once(talk: Talk) -> None:
    talk.chat()
    assert ask(talk) == ask(talk) == talk.end()
    talk.vote(talk.ask(), 3)
    assert ask(talk)["status"] == "voted"
    assert len(talk.ledger()) == 1


def test_the_segment_after_an_answer_is_asked_about_separately(talk: Talk, clock: SetClock) -> None:
    talk.chat().vote(talk.ask(), 3)
    clock.forward(minutes=1)
    talk.say("visitor", "Thanks, bye")
    assert ask(talk)["segment"] == 2
    assert talk.statuses() == ["voted", "asked"]


def test_an_older_invitation_is_withdrawn_by_the_new_one(talk: Talk, clock: SetClock) -> None:
    talk.chat().end()
    clock.forward(minutes=1)
    talk.say("visitor", "Thanks, bye")
    ask(talk)
    assert talk.statuses() == ["withdrawn", "asked"]


def test_an_impossible_invitation_is_rejected(talks: Talks, talk: Talk) -> None:
    chat_of_staff = talks(visitor="mia@shop")
    chat_of_staff.chat()
    assert ask(chat_of_staff, 409)["code"] == "staff"
    erased_chat = talks(visitor="eve")
    done(talk.api.post("/visitors/eve/erase"))
    names = [row["external_id"] for row in done(talk.api.get("/conversations"))["conversations"]]
    (name,) = set(names) - {chat_of_staff.id, talk.id}
    erased_chat.path = f"/conversations/{name}"
    assert ask(erased_chat, 409)["code"] == "erased"
    survey = done(talk.api.get("/surveys"))["surveys"][0]
    done(talk.api.patch(f"/surveys/{survey['id']}", {"closed": True}))
    talk.chat()
    problem = ask(talk, 409)
    assert (problem["code"], talk.segments()[0]["ended_at"], talk.ledger()) == ("no_survey", None, [])
    assert ask(talk, 422, agent="unknown")["pointer"] == "/agent"


def test_the_closers_note_is_part_of_the_reason(talk: Talk) -> None:
    talk.chat()
    decision = talk.end(ask=False, closer="mia", note="a duplicate")
    assert (decision["asked"], decision["reason"], decision["reason_text"]) == (False, "manual", REASON_TEXT)
    assert talk.segments()[0]["reason_text"] == talk.ledger()[0]["reason_text"] == REASON_TEXT
    assert done(talk.api.get("/conversations"))["conversations"][0]["reason_text"] == REASON_TEXT
    assert talk.end(ask=False, closer="mia", note="another note")["reason_text"] == REASON_TEXT


def test_an_invalid_note_is_rejected_and_nothing_ends(talk: Talk) -> None:
    talk.chat()
    for fields, pointer in (
        ({"note": "a duplicate"}, "/note"),
        ({"ask": False, "note": ""}, "/note"),
        ({"ask": False, "note": "x" * 201}, "/note"),
        ({"ask": False, "note": "two\nlines"}, "/note"),
    ):
        assert done(talk.api.post(f"{talk.path}/end", fields), 422)["pointer"] == pointer
    assert talk.segments()[0]["ended_at"] is None


@ON_BOTH
def test_erasing_the_visitor_erases_the_note(talk: Talk) -> None:
    talk.tell(visitor="eve")
    talk.chat()
    talk.end(ask=False, closer="mia", note="Eve was rude")
    done(talk.api.post("/visitors/eve/erase"))
    (row,) = done(talk.api.get("/conversations"))["conversations"]
    assert row["reason_text"] == "closed without asking by Mia"


@ON_BOTH
def test_two_agents_and_an_end_at_once_make_one_invitation(app: Flask, talks: Talks) -> None:
    for _ in range(4):
        talk = talks()
        talk.chat()
        calls: list[Callable[[], Any]] = [partial(ask, talk), partial(ask, talk, agent="mia"), talk.end]
        answers = at_once(calls)
        assert [answer["asked"] for answer in answers] == [True] * 3
        assert talk.statuses() == ["asked"]
    assert wrong_counts(app) == []


@ON_BOTH
def test_a_manual_invitation_of_a_claim_survives_its_verification(app: Flask, talks: Talks, talk: Talk) -> None:
    done(talk.api.patch("/site", {"ask_when_unknown": False}))
    page = replace(talk.page, browser=press_id())
    assert done(page.end("claimed"))["reason"] == "unknown"
    with app.app_context():
        site = db.session.scalars(select(Site)).one()
        claim = db.session.scalars(select(Conversation).where(Conversation.external_id.is_(None))).one()
        invitation = ask_now(site, lock_state(claim), db.session.scalars(select(Agent)).one())
        assert (invitation.status, invitation.proof) == ("asked", "page")
        db.session.commit()
    assert done(page.end("claimed"))["asked"] is True
    talk.tell(browser=tokens.digest(page.browser))
    (row,) = talk.ledger()
    assert (row["status"], row["proof"], row["context"]["by"]["name"]) == ("asked", "browser", "Mia")
    assert wrong_counts(app) == []
