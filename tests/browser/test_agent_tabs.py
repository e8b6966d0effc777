"""An agent with several tabs: one stream serves them all, whichever of them is closed."""

from __future__ import annotations

import json
import os
import signal
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.conversations.talk import Talk
from tests.serve.server import answers, wait_until
from tests.serving import Product
from tests.widget.conftest import press_id

from .agent import Agent, Desk

NewPage = Callable[..., Page]


class Tabs:
    """Tabs of one browser, and the streams that they hold open."""

    def __init__(self, product: Product, desk: Desk, new_page: NewPage) -> None:
        self.product, self.desk = product, desk
        self.agent = Agent(product, desk.site, new_page, viewport={"width": 1180, "height": 700})
        self.context = self.agent.page.context
        self.requests: set[Request] = set()
        self.context.on("request", self._add)
        self.context.on("requestfailed", self._remove)
        self.context.on("requestfinished", self._remove)

    def _add(self, request: Request) -> None:
        if "/live/events" in request.url and request.method == "GET":
            self.requests.add(request)

    def _remove(self, request: Request) -> None:
        self.requests.discard(request)

    @property
    def streams(self) -> int:
        """The number of open streams of open tabs."""
        return sum(not request.frame.page.is_closed() for request in self.requests)

    def at_server(self) -> int:
        with urllib.request.urlopen(f"{self.product.live_url}/live/health") as answer:
            count: int = json.load(answer)["streams"]
            return count

    def forget_streams(self) -> None:
        """Restart the live process, which keeps the stream of a closed page until its next heartbeat, 15 s later."""
        for pid in self.product.of("live.py"):
            os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: answers(self.product.port + 1) and self.at_server() == 0)

    def read(self, talk: Talk) -> Page:
        """Open a conversation in a new tab, and wait for its stream."""
        page = self.context.new_page()
        page.goto(f"{self.product.url}/console/{self.desk.site.key}/conversations/{talk.read()['id']}")
        expect(page.locator("p.live")).to_have_text("Live")
        return page


def bands(page: Page) -> Locator:
    return page.locator("main .band")


@pytest.fixture
def tabs(product: Product, desk: Desk, new_page: NewPage) -> Tabs:
    return Tabs(product, desk, new_page)


def test_three_tabs_share_one_stream_and_none_misses_what_comes_after_its_holder_is_closed(
    tabs: Tabs, desk: Desk
) -> None:
    first, second = desk.talk(title="First").chat(), desk.talk(title="Second").chat()
    votes = {talk: (talk.ask(), press_id()) for talk in (first, second)}

    def vote(talk: Talk, score: int, rev: int) -> None:
        token, press = votes[talk]
        talk.vote(token, score, id=press, rev=rev)

    tabs.agent.page.close()
    tabs.forget_streams()
    holder, other, same = tabs.read(first), tabs.read(second), tabs.read(first)
    assert tabs.streams == 1

    vote(first, 1, rev=1)
    for page in (holder, same):
        expect(bands(page)).to_contain_text(["Bad"])
    # In the tab with another conversation the list shows it.
    expect(other.locator("a.row", has_text="First")).to_contain_text("Bad")
    vote(second, 3, rev=1)
    expect(bands(other)).to_contain_text(["Good"])
    # The server notices that the holder left its first stream, for one of both conversations, when it writes to it.
    assert wait_until(lambda: tabs.at_server() == 1, 40)

    holder.close()
    vote(first, 3, rev=2)
    vote(second, 1, rev=2)
    expect(bands(same)).to_contain_text(["Good"])
    expect(bands(other)).to_contain_text(["Bad"])
    for page in (same, other):
        expect(page.locator("p.live")).to_have_text("Live")
    assert tabs.streams == 1

    other.close()
    first.say("visitor", "One more thing")
    expect(same.locator(".message").last).to_contain_text("One more thing")


def test_a_conversation_that_a_tab_chooses_is_followed_by_the_one_stream(tabs: Tabs, desk: Desk) -> None:
    first, second = desk.talk(title="First").chat(), desk.talk(title="Second").chat()
    token, press = second.ask(), press_id()
    holder, follower = tabs.read(first), tabs.read(first)
    follower.get_by_role("link", name="Second").click()
    expect(bands(follower)).to_contain_text(["no answer yet"])
    second.vote(token, 1, id=press)
    expect(bands(follower)).to_contain_text(["Bad"])
    second.vote(token, 3, id=press, rev=2)
    expect(bands(follower)).to_contain_text(["Good"])
    expect(holder.locator("a.row", has_text="Second")).to_contain_text("Good")
    assert tabs.streams == 1


def test_only_what_happened_is_passed_on_between_tabs_and_no_token(tabs: Tabs, desk: Desk) -> None:
    talk = desk.talk().chat()
    token = talk.ask()
    tabs.read(talk)
    listener = tabs.agent.page
    listener.goto(f"{tabs.product.url}/console/")
    listener.evaluate(
        """key => { self.messages = []; self.channel = new BroadcastChannel(`tilfreds:/console/${key}/live`);
        channel.onmessage = ({ data }) => messages.push(data); }""",
        desk.site.key,
    )
    second = tabs.read(talk)
    talk.vote(token, 1)
    expect(bands(second)).to_contain_text(["Bad"])
    messages = listener.evaluate("messages")
    assert {message["kind"] for message in messages} >= {"follow", "state", "event"}
    assert "tfl" not in json.dumps(messages)


def test_without_locks_each_tab_has_a_separate_stream(tabs: Tabs, desk: Desk) -> None:
    tabs.context.add_init_script("delete Navigator.prototype.locks")
    talk = desk.talk().chat()
    token = talk.ask()
    pages = [tabs.read(talk) for _ in range(3)]
    assert tabs.streams == 3
    talk.vote(token, 3)
    for page in pages:
        expect(bands(page)).to_contain_text(["Good"])
