"""A process dies between a press and the open transcript: each committed event is sent, once and in order.

Webhooks, which will use the same outbox, do not exist yet. Cuts and deaths at any other moment are in
tests/live/test_cuts.py.
"""

from __future__ import annotations

import http.client
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.serve.server import wait_until
from tests.serving import Product
from tests.widget.conftest import Page, press_id
from widget_server.core import tokens

from . import served
from .killed_server import STEPS
from .test_restarts import Transcript

pytestmark = pytest.mark.server


def dying_product(folder: Path, before: str = "") -> Product:
    """Run a server whose web process dies at the step in its sign file."""
    product = Product(folder / "data", backup_keep_days=0)
    imports = "from pathlib import Path; from tests.faults import killed_server"
    planted = f"{imports}; killed_server.obey(Path({str(sign_of(product))!r}))"
    served.plant(product, folder / "plant", f"{planted}; {before}")
    return product


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    dying_server = dying_product(tmp_path_factory.mktemp("outbox"))
    try:
        dying_server.started()
        yield dying_server
    finally:
        dying_server.end()


def sign_of(product: Product) -> Path:
    return product.folder / "die"


class Chat:
    """A visitor with an invitation, and an agent who watches."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.transcript = Transcript(product)
        make, site = product.make, self.transcript.site
        survey = make.survey(site)
        page = Page(product.client, site.key, str(survey.revision))  # type: ignore[arg-type]
        self.page = replace(page, browser=press_id())
        self.transcript.api.put("/conversations/talk", {"browser": tokens.digest(self.page.browser)})
        for author in ("visitor", "agent"):
            make.message(site, "talk", author)
        self.token = self.page.end("talk").get_json()["token"]
        self.id = press_id()
        self.transcript.start()
        # It receives events from now on, so it must be connected first.
        assert wait_until(self.is_followed)

    def say(self) -> None:
        self.product.make.message(self.transcript.site, "talk", "bot")

    def is_followed(self) -> bool:
        self.say()
        return wait_until(lambda: self.transcript.received, 0.5)

    def press(self, rev: int = 1, score: int = 3) -> int:
        """Return the status, or 0 if the server died."""
        try:
            return int(self.page.vote(self.token, score, id=self.id, rev=rev).status_code)
        except (OSError, http.client.HTTPException):
            return 0

    def press_until_answered(self, **press: Any) -> None:
        assert wait_until(lambda: self.press(**press) == 200)

    def events(self, kind: str = "%") -> list[str]:
        """Return the positions of the conversation's events in the outbox."""
        query = "SELECT id FROM event WHERE site_id = ? AND conversation_id IS NOT NULL AND kind LIKE ? ORDER BY id"
        with closing(sqlite3.connect(self.product.folder / "tilfreds.sqlite3")) as connection:
            return [f"0-{row[0]}" for row in connection.execute(query, [self.transcript.site.id.hex, kind])]

    def is_told(self) -> bool:
        events = self.events()
        return self.transcript.received == events[events.index(self.transcript.received[0]) :]

    def end(self) -> None:
        self.transcript.stop.set()


@pytest.mark.parametrize("step", STEPS)
def test_a_death_on_the_way(product: Product, step: str) -> None:
    chat = Chat(product)
    sign_of(product).write_text(step)
    assert chat.press() == 0
    if step == "before the answer":
        assert wait_until(chat.is_told)
        assert len(chat.events("vote.%")) == 1, "the agent sees the vote, though the visitor got no receipt"
    else:
        assert chat.events("vote.%") == []
    chat.press_until_answered()
    assert len(chat.events("vote.%")) == 1
    assert wait_until(chat.is_told)

    for pid in chat.product.of("live.py"):
        os.kill(pid, signal.SIGKILL)
    chat.press_until_answered(rev=2, score=1)
    assert len(chat.events("vote.%")) == 2
    assert wait_until(chat.is_told), (chat.transcript.received, chat.events())
    assert chat.transcript.ends >= 1
    chat.say()
    assert wait_until(lambda: chat.transcript.received[-1] == chat.events()[-1])
    assert chat.is_told(), "and nothing twice"
    chat.end()


@pytest.mark.long
def test_an_event_beside_the_transaction_is_found_missing(tmp_path: Path) -> None:
    product = dying_product(tmp_path, "killed_server.publish_later()")
    try:
        product.started()
        chat = Chat(product)
        sign_of(product).write_text("before the answer")
        assert chat.press() == 0
        chat.press_until_answered()
        assert chat.events("vote.%") == [], "the vote is stored, but its event is lost"
        chat.end()
    finally:
        product.end()
