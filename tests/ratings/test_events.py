"""Each change writes one event in its transaction, so a consumer receives every change and no change that failed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask

from widget_server.conversations.unread import mark_conversations_read
from widget_server.core.clock import now
from widget_server.events import publish
from widget_server.jobs.loop import run_once
from widget_server.jobs.schedule import JOBS
from widget_server.storage.db import db

from ..conversations.rows import rows
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..frozen_clock import SetClock
from ..widget.conftest import Page, press_id
from ..widget.pictures import picture
from ..widget.showing import Answers, answers

__all__ = ["answers"]
pytestmark = ON_BOTH
EXPIRE = next(job for job in JOBS if "expired" in job.name)
NAME = "E" * 22
SUBJECT = {"kind": "article", "subject": "/a"}


class Outbox:
    """The events since the last call of `new` or `kinds`."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.read_count = len(rows(app, "event"))

    def new(self) -> list[Any]:
        events = rows(self.app, "event")[self.read_count :]
        self.read_count += len(events)
        return events

    def kinds(self) -> list[str]:
        return [event.kind for event in self.new()]


@pytest.fixture
def outbox(app: Flask, talk: Talk) -> Outbox:
    return Outbox(app)


def test_a_chat_from_its_first_message_to_its_answer(talk: Talk, outbox: Outbox, clock: SetClock) -> None:
    talk.say("visitor")
    assert outbox.kinds() == ["message.added"]
    talk.say("agent")
    outbox.new()
    token = talk.ask()
    assert sorted(outbox.kinds()) == ["conversation.changed", "invitation.asked", "segment.ended"]
    seen_kinds = ["invitation.shown", "site.contacted"]
    for path, kinds in (("seen", seen_kinds), ("seen", []), ("dismissed", ["invitation.dismissed"])):
        talk.page.post(path, {"token": token})
        assert outbox.kinds() == kinds
    talk.vote(token, 1, id=NAME)
    assert outbox.kinds() == ["vote.cast"]
    talk.vote(token, 3, id=NAME, rev=2)
    talk.vote(token, 3, id=NAME, rev=3, comment="Thanks")
    talk.vote(token, None, id=NAME, rev=4)
    assert outbox.kinds() == ["vote.changed", "vote.changed", "vote.removed"]
    clock.forward(minutes=20)
    talk.say("visitor")
    assert sorted(outbox.kinds()) == ["message.added", "segment.opened"]


def test_a_withdrawal_and_a_decision_not_to_ask(talk: Talk, outbox: Outbox, clock: SetClock) -> None:
    talk.chat().ask()
    clock.forward(minutes=20)
    outbox.new()
    talk.chat()
    assert "invitation.withdrawn" in outbox.kinds()
    talk.end(ask=False)
    assert "invitation.not_asked" in outbox.kinds()


def test_requests_that_change_nothing_write_no_event(talk: Talk, outbox: Outbox, article_page: Page) -> None:
    token = talk.chat().ask()
    talk.vote(token, 1, id=NAME, rev=2)
    talk.say("visitor", external_id="same")
    done(talk.page.end(talk.id))
    outbox.new()
    talk.vote(token, 1, id=NAME, rev=2)
    talk.vote(token, 3, id=NAME, rev=1)
    talk.vote(token, 3, id=press_id(), age_ms=99_000)
    talk.page.vote(token, 2, id=NAME, rev=2)
    talk.page.vote(token, 9, id=NAME, rev=3)
    talk.page.vote("k1." + "A" * 43)
    talk.page.poll(talk.id)
    talk.page.end(talk.id)
    talk.say("visitor", external_id="same")
    assert outbox.kinds() == []


def test_an_event_holds_ids_and_no_text_of_a_visitor(
    app: Flask, talk: Talk, outbox: Outbox, article_page: Page
) -> None:
    token = talk.chat().ask()
    outbox.new()
    chat_receipt = talk.vote(token, 1, id=NAME, comment="canary", page="https://shop.example/canary")
    article_receipt = done(article_page.vote(SUBJECT, 2, id=NAME, comment="canary"))
    chat_event, article_event = outbox.new()
    segment = rows(app, "segment")[-1]
    assert (chat_event.conversation_id, chat_event.segment_id) == (segment.conversation_id, segment.id)
    assert (str(chat_event.vote_id), chat_event.version, chat_event.subject_id) == (chat_receipt["vote"], 1, None)
    assert (str(article_event.vote_id), article_event.subject_id) == (
        article_receipt["vote"],
        rows(app, "subject")[0].id,
    )
    assert "canary" not in str([chat_event, article_event])
    talk.vote(token, 3, id=NAME, rev=2)
    assert [event.version for event in outbox.new()] == [2]


def test_every_kind_of_event_is_published(
    app: Flask, talk: Talk, outbox: Outbox, article_page: Page, clock: SetClock, answers: Answers
) -> None:
    """Publish each kind once: a consumer would wait for a kind that no code publishes."""
    kinds = {event.kind for event in rows(app, "event")}
    talk.tell(visitor="ann")
    talk.say("visitor", "Helo", external_id="edited")
    talk.say("visitor", "Hello", external_id="edited")
    done(talk.api.call("DELETE", f"{talk.path}/messages/edited"))
    token = talk.chat().ask()
    for path in ("seen", "dismissed"):
        talk.page.post(path, {"token": token})
    article_page.post("seen", SUBJECT)
    for rev, score in enumerate((1, 2, None), 1):
        talk.vote(token, score, id=NAME, rev=rev)
    with app.app_context():
        mark_conversations_read(rows(app, "conversation")[0].site_id, now())
        db.session.commit()
    for action, fields in (("exclude", {"reason": "a test"}), ("restore", {})):
        done(talk.api.post(f"/votes/{done(talk.api.get('/votes'))['votes'][0]['id']}/{action}", fields))
    answer_with_screenshot = answers()
    for method in ("PUT", "DELETE"):
        answer_with_screenshot.call(method, picture())
    clock.forward(minutes=20)
    talk.chat().end()
    clock.forward(minutes=20)
    talk.chat().end()
    clock.forward(days=15)
    run_once(app, EXPIRE)
    Talk(talk.api, talk.page).end(ask=False)
    done(talk.api.post("/visitors/ann/erase"))
    assert kinds | set(outbox.kinds()) == publish.KINDS


WRITTEN_TABLES = (
    "vote",
    "vote_change",
    "message",
    "segment",
    "event",
    "tally",
    "invitation",
    "invitation_tally",
    "subject",
)
MODULES = ("ratings.service", "invitations.transitions", "conversations.service", "conversations.messages")


@contextmanager
def failing_outbox(monkeypatch: pytest.MonkeyPatch, after: int) -> Iterator[None]:
    """Make the outbox raise at the event that follows the first `after` events."""
    calls = iter(range(100))
    real_publish = publish.publish

    def publish_or_fail(*args: Any, **kwargs: Any) -> None:
        if next(calls) >= after:
            raise ZeroDivisionError("planted")
        real_publish(*args, **kwargs)

    with monkeypatch.context() as patch:
        for module in [sys.modules[f"widget_server.{name}"] for name in MODULES]:
            if hasattr(module, "publish"):
                patch.setattr(module, "publish", publish_or_fail)
        yield


def test_a_change_without_its_events_is_rolled_back(
    app: Flask,
    clock: SetClock,
    talks: Callable[..., Talk],
    article_page: Page,
    monkeypatch: pytest.MonkeyPatch,
    subtests: pytest.Subtests,
) -> None:
    """Fail at each call's first event, then at its second and so on, until the call succeeds."""
    for name in ("article", "press", "change", "seen", "message", "end", "reopen"):
        with subtests.test(name=name):
            talk, open_talk = talks(), talks().chat()
            token = talk.chat().ask()
            if name == "change":
                talk.vote(token, 1, id=NAME)
            clock.forward(minutes=20)
            assert_stored_only_with_all_events(app, monkeypatch, make_calls(talk, open_talk, token, article_page)[name])


def make_calls(talk: Talk, open_talk: Talk, token: str, article_page: Page) -> dict[str, Callable[[], Any]]:
    message = {"external_id": "new", "author": "visitor", "text": "Hello"}
    return {
        "article": lambda: article_page.vote(SUBJECT, id=NAME),
        "press": lambda: talk.page.vote(token, id=NAME),
        "change": lambda: talk.page.vote(token, 3, id=NAME, rev=2),
        "seen": lambda: talk.page.post("seen", {"token": token}),
        "message": lambda: talk.api.post(f"{talk.path}/messages", message),
        "end": lambda: open_talk.page.end(open_talk.id),
        "reopen": lambda: talk.api.post(f"{talk.path}/reopen"),
    }


def assert_stored_only_with_all_events(app: Flask, monkeypatch: pytest.MonkeyPatch, call: Callable[[], Any]) -> None:
    before = {name: rows(app, name) for name in WRITTEN_TABLES}
    for after in range(10):
        with failing_outbox(monkeypatch, after):
            status = call().status_code
        if status < 400:
            break
        assert (status, {name: rows(app, name) for name in WRITTEN_TABLES}) == (500, before)
    assert after > 0, "the call has at least one event"
    assert {name: rows(app, name) for name in WRITTEN_TABLES} != before
