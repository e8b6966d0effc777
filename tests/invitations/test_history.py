"""Conversations that ended before Tilfreds received them: no visitor is asked, and lists keep their place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Flask

from widget_server.jobs.loop import run_once
from widget_server.jobs.schedule import JOBS
from widget_server.surveys.service import DEFAULT_WINDOW_HOURS

from ..back_end import Api
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..frozen_clock import SetClock

Talks = Callable[..., Talk]
OLD = datetime(2019, 5, 6, 12, 0, tzinfo=UTC)
WINDOW = timedelta(hours=DEFAULT_WINDOW_HOURS)
EXPIRE = next(job for job in JOBS if job.name == "invitations expired")


def chat_at(talk: Talk, moment: datetime) -> Talk:
    talk.say("visitor", sent_at=moment - timedelta(minutes=2))
    talk.say("agent", sent_at=moment - timedelta(minutes=1))
    return talk


@ON_BOTH
def test_an_end_before_the_response_window_asks_nobody(talks: Talks, clock: SetClock) -> None:
    ends = {OLD: False, clock.now() - WINDOW - timedelta(seconds=1): False, clock.now() - WINDOW: True}
    for ended_at, is_asked in ends.items():
        talk = chat_at(talks(), ended_at)
        decision = talk.end(ended_at=ended_at.isoformat())
        assert (decision["asked"], decision["reason"]) == (is_asked, None if is_asked else "ended_long_ago")
        assert done(talk.page.end(talk.id))["asked"] is is_asked


def test_an_agent_may_still_ask(talk: Talk, clock: SetClock) -> None:
    chat_at(talk, OLD).end(ended_at=OLD.isoformat())
    assert done(talk.api.post(f"{talk.path}/ask", {}))["asked"]
    expires_at = datetime.fromisoformat(talk.ledger()[-1]["expires_at"])
    assert expires_at == clock.now() + WINDOW, "an agent's own question has its whole window"


@ON_BOTH
def test_an_invitation_expires_by_the_end(app: Flask, talk: Talk, clock: SetClock) -> None:
    ended_at = clock.now() - WINDOW + timedelta(hours=1)
    chat_at(talk, ended_at).end(ended_at=ended_at.isoformat())
    assert datetime.fromisoformat(talk.ledger()[0]["expires_at"]) == clock.now() + timedelta(hours=1)
    token = talk.ask()
    clock.forward(hours=1, seconds=1)
    assert talk.page.vote(token).get_json()["code"] == "expired"
    run_once(app, EXPIRE)
    assert talk.statuses() == ["expired"]


@ON_BOTH
def test_lists_sort_by_the_last_message(talks: Talks, api: Api, clock: SetClock) -> None:
    def listed() -> list[str]:
        return [row["external_id"] for row in done(api.get("/conversations"))["conversations"]]

    recent = talks().chat()
    clock.forward(minutes=1)
    oldest = chat_at(talks(), OLD)
    oldest.end(ended_at=OLD.isoformat())
    clock.forward(minutes=1)
    older = chat_at(talks(), OLD + timedelta(days=1))
    without_messages = talks()
    without_messages.end(ended_at=(OLD + timedelta(days=2)).isoformat())
    order = [recent.id, without_messages.id, older.id, oldest.id]
    assert listed() == order
    assert datetime.fromisoformat(oldest.read()["latest_at"]) == OLD
    oldest.tell(title="Corrected")
    chat_at(older, OLD - timedelta(days=9))
    assert listed() == order, "neither a change of a field nor an older message moves a conversation"
    clock.forward(minutes=1)
    older.say("visitor")
    assert listed() == [older.id, recent.id, without_messages.id, oldest.id]


def test_an_erasure_moves_no_conversation(talks: Talks, api: Api, clock: SetClock) -> None:
    talks(visitor="ann").chat()
    clock.forward(minutes=1)
    recent = talks().chat()
    clock.forward(minutes=1)
    done(api.post("/visitors/ann/erase"))
    assert done(api.get("/conversations"))["conversations"][0]["external_id"] == recent.id
