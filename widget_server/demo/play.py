"""Playback of a story: visitors act through the public endpoints and the shop's back end through the REST API.

Each call runs with the clock set to the moment of its step.
"""

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
    """Set the clock to `moment`, because a story is played long after it happened."""
    real_now = clock.now
    clock.now = lambda: moment
    try:
        yield
    finally:
        clock.now = real_now


def random_id() -> str:
    """Return 128 random bits, in the widget's format for the ids of browsers and votes."""
    return tokens.b64(secrets.token_bytes(16))


class Player:
    """A visitor's browser and the shop's back end in one. Stories are dated back from `now`."""

    def __init__(self, client: FlaskClient, keys: dict[str, str], revisions: dict[str, str], now: datetime) -> None:
        self.client = client
        self.keys = keys
        self.revisions = revisions
        self.now = now

    def play(self, story: Story) -> None:
        """Play all steps of a conversation. Consecutive messages are sent in one call, each with its time."""
        playback = Playback(self, story)
        for are_messages, steps in groupby(story.steps, lambda step: isinstance(step, Say)):
            if are_messages:
                playback.send_messages([step for step in steps if isinstance(step, Say)])
                continue
            for step in steps:
                with at(playback.moment(step)):
                    playback.play_step(step)

    def rate(self, path: str) -> None:
        """Send all votes on an article, each from a different visitor."""
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
        self.call_public("votes", target | vote | {"age_ms": 0, "lang": language} | (more or {}))

    def call_public(self, endpoint: str, body: dict[str, Any]) -> Any:
        """Call a public endpoint as the widget does."""
        return self._call("POST", f"/w/{self.keys['site_key']}/{endpoint}", body)

    def call_api(self, method: str, path: str, body: dict[str, Any]) -> Any:
        """Call the REST API as the shop's back end does."""
        return self._call(method, f"/api/v1{path}", body, {"Authorization": f"Bearer {self.keys['api_key']}"})

    def _call(self, method: str, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
        response = self.client.open(path, method=method, json=body, headers=headers)
        if response.status_code >= 400:
            raise RuntimeError(f"{method} {path}: {response.status_code} {response.get_data(as_text=True)}")
        return response.get_json(silent=True)


class Playback:
    """The state of a story while it is played."""

    def __init__(self, player: Player, story: Story) -> None:
        self.player = player
        self.story = story
        self.browser = random_id()
        self.token = ""
        self.vote_id = random_id()
        self.rev = 0
        self.message_count = 0

    def moment(self, step: Step) -> datetime:
        return self.player.now - timedelta(hours=self.story.hours_ago) + timedelta(minutes=step.minute)

    def play_step(self, step: Step) -> None:
        if isinstance(step, End):
            self.end(step)
        elif isinstance(step, Shown):
            self.player.call_public("seen", {"token": self.token})
        elif isinstance(step, Press):
            self.rev += 1
            target, lang = {"token": self.token}, self.story.language
            self.player.press(target, "chat_end", self.vote_id, self.rev, step.score, step.comment, lang, step.more)

    def send_messages(self, steps: list[Say]) -> None:
        if self.message_count == 0:
            with at(self.moment(steps[0])):
                self.player.call_api("PUT", f"/conversations/{self.story.name}", self.facts())
        messages = [self.make_message(step) for step in steps]
        with at(self.moment(steps[-1])):
            self.player.call_api("POST", f"/conversations/{self.story.name}/messages", {"messages": messages})

    def make_message(self, step: Say) -> dict[str, str]:
        self.message_count += 1
        is_agent = step.author not in (VISITOR, BOT)
        return {
            "external_id": f"m{self.message_count}",
            "author": "agent" if is_agent else step.author,
            "text": step.text,
            "sent_at": self.moment(step).isoformat(),
        } | ({"agent": step.author} if is_agent else {})

    def end(self, step: End) -> None:
        """End the chat and fetch the invitation, by the page's own report or, after an agent's end, by its poll."""
        endpoint = "ended"
        if step.by != VISITOR:
            self.player.call_api("POST", f"/conversations/{self.story.name}/end", {"closer": step.by})
            endpoint = "poll"
        response_body = self.player.call_public(endpoint, self.make_claim()) or {}
        self.token, self.vote_id, self.rev = response_body.get("token", ""), random_id(), 0

    def facts(self) -> dict[str, Any]:
        identity = {"visitor": self.story.visitor} if self.story.visitor else {"browser": tokens.digest(self.browser)}
        return {"title": self.story.title, "channel": "chat", "page": "/shop", "language": self.story.language} | (
            self.story.facts | identity
        )

    def make_claim(self) -> dict[str, Any]:
        """Return the page's request body, with the shop's signature for a signed-in visitor."""
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
