"""Follow the changes of votes and conversations with `changed_since`."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from widget_server.storage.engines import Engines

from ..back_end import Api, done
from ..conversations.conftest import article_page, config, page, survey, talk, talks
from ..conversations.talk import Talk
from ..databases import ON_BOTH, ON_POSTGRESQL
from ..frozen_clock import SetClock
from ..widget.conftest import Page, press_id
from ..widget.pictures import picture
from ..widget.showing import Answers, answers

__all__ = ["answers", "article_page", "config", "page", "survey", "talk", "talks"]
NAME = "A" * 22


class Follower:
    """A back end that reads what changed since it read last, in pages of two rows."""

    def __init__(self, api: Api, clock: SetClock, kind: str) -> None:
        self.api, self.clock, self.kind = api, clock, kind
        self.since = clock.now().isoformat()

    def read(self) -> list[Any]:
        """Return the rows that changed, after the time in which a change may still be uncommitted."""
        self.clock.forward(seconds=20)
        found_rows: list[Any] = []
        query: dict[str, Any] = {"changed_since": self.since, "limit": 2}
        while True:
            answer = done(self.api.get(f"/{self.kind}", query_string=query))
            found_rows += answer[self.kind]
            query["cursor"] = answer["next_cursor"]
            if answer["next_cursor"] is None:
                break
        self.since = answer["changed_until"]
        return found_rows


@ON_BOTH
def test_every_change_of_a_vote_is_followed(
    api: Api, talk: Talk, clock: SetClock, answers: Answers, subtests: pytest.Subtests
) -> None:
    talk.tell(visitor="ann")
    token = talk.chat().ask()
    vote = talk.vote(token, 1, id=NAME, comment="Slow")["vote"]
    pictured = answers()
    follower = Follower(api, clock, "votes")
    assert {row["id"] for row in follower.read()} == {vote, pictured.vote}
    assert follower.read() == []
    changes: dict[str, tuple[str, Callable[[], Any]]] = {
        "changed": (vote, lambda: talk.vote(token, 3, id=NAME, rev=2)),
        "excluded": (vote, lambda: done(api.post(f"/votes/{vote}/exclude", {"reason": "a test"}))),
        "restored": (vote, lambda: done(api.post(f"/votes/{vote}/restore"))),
        "picture added": (pictured.vote, lambda: pictured.show(picture())),
        "picture removed": (pictured.vote, lambda: pictured.call("DELETE")),
        "words erased": (pictured.vote, lambda: done(api.post(f"/votes/{pictured.vote}/erase"))),
        "removed": (vote, lambda: talk.vote(token, None, id=NAME, rev=3)),
        "visitor erased": (vote, lambda: done(api.post("/visitors/ann/erase"))),
    }
    for name, (changed_vote, change) in changes.items():
        with subtests.test(change=name):
            change()
            assert [row["id"] for row in follower.read()] == [changed_vote]
            assert follower.read() == []


@ON_BOTH
def test_every_change_of_a_conversation_is_followed(
    api: Api, talk: Talk, clock: SetClock, subtests: pytest.Subtests
) -> None:
    api.put("/agents/sam", {"name": "Sam"})
    follower = Follower(api, clock, "conversations")
    assert len(follower.read()) == 1
    tokens: list[str] = []
    changes: dict[str, Callable[[], Any]] = {
        "title": lambda: talk.tell(title="New", visitor="ann"),
        "messages": talk.chat,
        "end": lambda: tokens.append(talk.ask()),
        "seen": lambda: talk.page.post("seen", {"token": tokens[0]}),
        "dismissed": lambda: talk.page.post("dismissed", {"token": tokens[0]}),
        "vote": lambda: talk.vote(tokens[0], 1, id=NAME),
        "changed vote": lambda: talk.vote(tokens[0], 3, id=NAME, rev=2),
        "excluded": lambda: api.post(f"/votes/{talk.segments()[0]['rating']['vote']}/exclude", {"reason": "a test"}),
        "reopened": talk.reopen,
        "erased": lambda: done(api.post("/visitors/ann/erase")),
    }
    for name, change in changes.items():
        with subtests.test(change=name):
            change()
            assert len(follower.read()) == 1
            assert follower.read() == []


@ON_BOTH
def test_pages_are_in_the_order_of_the_changes(api: Api, article_page: Page, clock: SetClock) -> None:
    follower = Follower(api, clock, "votes")
    votes: list[Any] = []
    for n in range(7):
        clock.forward(seconds=1)
        votes.append(done(article_page.vote({"kind": "article", "subject": f"/{n}"}, 1, id=press_id()))["vote"])
    clock.forward(seconds=1)
    done(api.post(f"/votes/{votes[2]}/exclude", {"reason": "a test"}))
    rows = follower.read()
    assert [row["id"] for row in rows] == [*votes[:2], *votes[3:], votes[2]]
    assert [row["updated_at"] for row in rows] == sorted(row["updated_at"] for row in rows)


def test_a_change_that_may_still_be_uncommitted_is_not_listed(api: Api, article_page: Page, clock: SetClock) -> None:
    since = clock.now().isoformat()
    done(article_page.vote({"kind": "article", "subject": "/a"}, 1))
    assert done(api.get("/votes", query_string={"changed_since": since}))["votes"] == []
    clock.forward(seconds=16)
    assert len(done(api.get("/votes", query_string={"changed_since": since}))["votes"]) == 1


@ON_POSTGRESQL
def test_a_long_transaction_holds_the_time_back(app: Flask, api: Api) -> None:
    """Nothing after the start of a running transaction is listed, because it may commit an earlier change later."""
    engines: Engines = app.extensions["tilfreds_engines"]
    is_begun, may_end = Event(), Event()

    def run_long() -> datetime:
        with engines.write.begin() as connection:
            started_at: datetime = connection.execute(text("SELECT now() FROM pg_current_xact_id()")).scalar_one()
            is_begun.set()
            assert may_end.wait(30)
        return started_at

    with ThreadPoolExecutor(1) as pool:
        long_transaction = pool.submit(run_long)
        assert is_begun.wait(30)
        answer = done(api.get("/votes", query_string={"changed_since": "2026-01-01T00:00:00Z"}))
        may_end.set()
    assert datetime.fromisoformat(answer["changed_until"]) < long_transaction.result().astimezone(UTC)


def test_the_time_needs_an_offset(api: Api) -> None:
    assert api.get("/votes?changed_since=2026-01-01T00:00:00").status_code == 422
