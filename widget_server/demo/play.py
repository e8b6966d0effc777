"""Plays a story: what visitors do goes through the public endpoints, what the shop's back end does through the REST
API, each at the moment it happened."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from flask.testing import FlaskClient

from ..core import clock, tokens
from .client import sign
from .stories import ARTICLE_VOTES, BOT, VISITOR, End, Press, Say, Shown, Step, Story

PAGE = "http://localhost/shop"
ELSEWHERE = "http://localhost:8080/contact"


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let it be `moment`, for a story is told long after it happened."""
    real = clock.now
    clock.now = lambda: moment
    try:
        yield
    finally:
        clock.now = real


def random_id() -> str:
    """128 bits, as the widget makes them for a browser and for a vote."""
    return tokens.b64(secrets.token_bytes(16))


class Player:
    """A visitor's browser and the shop's back end in one. `now` is the moment that stories count back from."""

    def __init__(self, client: FlaskClient, keys: dict[str, str], revisions: dict[str, str], now: datetime) -> None:
        self.client = client
        self.keys = keys
        self.revisions = revisions
        self.now = now

    def play(self, story: Story) -> None:
        """Every step of one conversation. What was said between two ends is told at once, each with its own time."""
        telling = Telling(self, story)
        for is_talk, steps in groupby(story.steps, lambda step: isinstance(step, Say)):
            if is_talk:
                telling.say([step for step in steps if isinstance(step, Say)])
                continue
            for step in steps:
                with at(telling.moment(step)):
                    telling.take(step)

    def rate(self, path: str) -> None:
        """Every vote on one article, each by a reader of its own."""
        for _, hours_ago, score, comment in (vote for vote in ARTICLE_VOTES if vote[0] == path):
            with at(self.now - timedelta(hours=hours_ago)):
                self.press({"kind": "article", "subject": path}, "article", random_id(), 1, score, comment, "en")

    def press(
        self,
        target: dict[str, str],
        placement: str,
        vote_id: str,
        rev: int,
        score: int,
        comment: str | None,
        language: str,
        more: dict[str, Any] | None = None,
    ) -> None:
        vote = {"id": vote_id, "rev": rev, "revision": self.revisions[placement], "score": score, "comment": comment}
        self.page("votes", target | vote | {"age_ms": 0, "lang": language} | (more or {}))

    def page(self, what: str, body: dict[str, Any]) -> Any:
        """Call a public endpoint as the widget does."""
        return self._checked("POST", f"/w/{self.keys['site_key']}/{what}", body)

    def back_end(self, method: str, path: str, body: dict[str, Any]) -> Any:
        """Call the REST API as the shop's back end does."""
        return self._checked(method, f"/api/v1{path}", body, {"Authorization": f"Bearer {self.keys['api_key']}"})

    def _checked(self, method: str, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
        answer = self.client.open(path, method=method, json=body, headers=headers)
        if answer.status_code >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.get_data(as_text=True)}")
        return answer.get_json(silent=True)


class Telling:
    """One story while it is told."""

    def __init__(self, player: Player, story: Story) -> None:
        self.player = player
        self.story = story
        self.browser = random_id()
        self.token = ""
        self.vote_id = random_id()
        self.rev = 0
        self.said = 0

    def moment(self, step: Step) -> datetime:
        return self.player.now - timedelta(hours=self.story.hours_ago) + timedelta(minutes=step.minute)

    def take(self, step: Step) -> None:
        if isinstance(step, End):
            self.end(step)
        elif isinstance(step, Shown):
            self.player.page("seen", {"token": self.token})
        elif isinstance(step, Press):
            self.rev += 1
            target, lang = {"token": self.token}, self.story.language
            self.player.press(target, "chat_end", self.vote_id, self.rev, step.score, step.comment, lang, step.more)

    def say(self, steps: list[Say]) -> None:
        if self.said == 0:
            with at(self.moment(steps[0])):
                self.player.back_end("PUT", f"/conversations/{self.story.name}", self.facts())
        messages = [self.message(step) for step in steps]
        with at(self.moment(steps[-1])):
            self.player.back_end("POST", f"/conversations/{self.story.name}/messages", {"messages": messages})

    def message(self, step: Say) -> dict[str, str]:
        self.said += 1
        is_agent = step.author not in (VISITOR, BOT)
        return {
            "external_id": f"m{self.said}",
            "author": "agent" if is_agent else step.author,
            "text": step.text,
            "sent_at": self.moment(step).isoformat(),
        } | ({"agent": step.author} if is_agent else {})

    def end(self, step: End) -> None:
        """The page says that the visitor ended it; after the agent's end it finds the question by its poll."""
        what = "ended"
        if step.by != VISITOR:
            self.player.back_end("POST", f"/conversations/{self.story.name}/end", {"closer": step.by})
            what = "poll"
        answer = self.player.page(what, self.claim()) or {}
        self.token, self.vote_id, self.rev = answer.get("token", ""), random_id(), 0

    def facts(self) -> dict[str, Any]:
        who = {"visitor": self.story.visitor} if self.story.visitor else {"browser": tokens.digest(self.browser)}
        return {"title": self.story.title, "channel": "chat", "page": "/shop", "language": self.story.language} | (
            self.story.facts | who
        )

    def claim(self) -> dict[str, Any]:
        """What the page says of itself, with the shop's signature where it has one."""
        claim: dict[str, Any] = {
            "conversation": self.story.name,
            "browser": self.browser,
            "revisions": list(self.player.revisions.values()),
            "page": PAGE if self.story.has_back_end else ELSEWHERE,
            "lang": self.story.language,
        }
        if self.story.visitor:
            keys = self.player.keys
            claim |= sign(
                keys["signing_secret"],
                keys["site_key"],
                kind="conversation",
                subject=self.story.name,
                visitor=self.story.visitor,
            )
        return claim
