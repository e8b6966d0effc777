"""One event for each change, in the transaction of the change: a follower misses nothing and sees no ghosts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask

from widget_server.conversations.unread import see
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
    """The events since they were last read."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.seen = len(rows(app, "event"))

    def new(self) -> list[Any]:
        found = rows(self.app, "event")[self.seen :]
        self.seen += len(found)
        return found

    def kinds(self) -> list[str]:
        return [event.kind for event in self.new()]


@pytest.fixture
def outbox(app: Flask, talk: Talk) -> Outbox:
    return Outbox(app)


def test_a_talk_from_its_first_word_to_its_answer(talk: Talk, outbox: Outbox, clock: SetClock) -> None:
    talk.say("visitor")
    assert outbox.kinds() == ["message.added"]
    talk.say("agent")
    outbox.new()
    token = talk.ask()
    assert sorted(outbox.kinds()) == ["conversation.changed", "invitation.asked", "segment.ended"]
    for mark, kinds in (("seen", ["invitation.shown"]), ("seen", []), ("dismissed", ["invitation.dismissed"])):
        talk.page.post(mark, {"token": token})
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


def test_what_changes_nothing_tells_nothing(talk: Talk, outbox: Outbox, article_page: Page) -> None:
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


def test_an_event_names_what_it_is_about_and_nothing_a_visitor_wrote(
    app: Flask, talk: Talk, outbox: Outbox, article_page: Page
) -> None:
    token = talk.chat().ask()
    outbox.new()
    receipt = talk.vote(token, 1, id=NAME, comment="canary", page="https://shop.example/canary")
    reader = done(article_page.vote(SUBJECT, 2, id=NAME, comment="canary"))
    of_chat, of_article = outbox.new()
    segment = rows(app, "segment")[-1]
    assert (of_chat.conversation_id, of_chat.segment_id) == (segment.conversation_id, segment.id)
    assert (str(of_chat.vote_id), of_chat.version, of_chat.subject_id) == (receipt["vote"], 1, None)
    assert (str(of_article.vote_id), of_article.subject_id) == (reader["vote"], rows(app, "subject")[0].id)
    assert "canary" not in str([of_chat, of_article])
    talk.vote(token, 3, id=NAME, rev=2)
    assert [event.version for event in outbox.new()] == [2]


def test_every_kind_is_told_of_by_something(
    app: Flask, talk: Talk, outbox: Outbox, article_page: Page, clock: SetClock, answers: Answers
) -> None:
    """A kind that nothing publishes would be a promise to followers that nobody keeps."""
    kinds = {event.kind for event in rows(app, "event")}
    token = talk.chat().ask()
    for mark in ("seen", "dismissed"):
        talk.page.post(mark, {"token": token})
    article_page.post("seen", SUBJECT)
    for rev, score in enumerate((1, 2, None), 1):
        talk.vote(token, score, id=NAME, rev=rev)
    with app.app_context():
        see(rows(app, "conversation")[0].site_id, now())
        db.session.commit()
    for what, fields in (("exclude", {"reason": "a test"}), ("restore", {})):
        done(talk.api.post(f"/votes/{done(talk.api.get('/votes'))['votes'][0]['id']}/{what}", fields))
    shown = answers()
    for method in ("PUT", "DELETE"):
        shown.call(method, picture())
    clock.forward(minutes=20)
    talk.chat().end()
    clock.forward(minutes=20)
    talk.chat().end()
    clock.forward(days=15)
    run_once(app, EXPIRE)
    Talk(talk.api, talk.page).end(ask=False)
    assert kinds | set(outbox.kinds()) == publish.KINDS


KEPT = ("vote", "vote_change", "message", "segment", "event", "tally", "invitation", "invitation_tally", "subject")
MODULES = ("ratings.service", "invitations.transitions", "conversations.service", "conversations.messages")


@contextmanager
def broken(monkeypatch: pytest.MonkeyPatch, after: int) -> Iterator[None]:
    """The outbox falls over at the event that comes after so many."""
    calls = iter(range(100))
    real = publish.publish

    def fall(*args: Any, **kwargs: Any) -> None:
        if next(calls) >= after:
            raise ZeroDivisionError("planted")
        real(*args, **kwargs)

    with monkeypatch.context() as patch:
        for module in [sys.modules[f"widget_server.{name}"] for name in MODULES]:
            if hasattr(module, "publish"):
                patch.setattr(module, "publish", fall)
        yield


def test_without_its_events_nothing_is_kept(
    app: Flask,
    clock: SetClock,
    talks: Callable[..., Talk],
    article_page: Page,
    monkeypatch: pytest.MonkeyPatch,
    subtests: pytest.Subtests,
) -> None:
    """Each call is broken at its first event, its second and so on, until it has none left and comes through."""
    for what in ("article", "press", "change", "seen", "message", "end", "reopen"):
        with subtests.test(what=what):
            talk, open_talk = talks(), talks().chat()
            token = talk.chat().ask()
            if what == "change":
                talk.vote(token, 1, id=NAME)
            clock.forward(minutes=20)
            assert_kept_with_its_events_alone(app, monkeypatch, make_calls(talk, open_talk, token, article_page)[what])


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


def assert_kept_with_its_events_alone(app: Flask, monkeypatch: pytest.MonkeyPatch, call: Callable[[], Any]) -> None:
    before = {name: rows(app, name) for name in KEPT}
    for after in range(10):
        with broken(monkeypatch, after):
            status = call().status_code
        if status < 400:
            break
        assert (status, {name: rows(app, name) for name in KEPT}) == (500, before)
    assert after > 0, "it has an event at all"
    assert {name: rows(app, name) for name in KEPT} != before
