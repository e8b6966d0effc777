"""Keyboard shortcuts in the list of conversations, and notifications while the page is hidden."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import SCHEMES, turn, violations
from tests.conversations.talk import Talk
from tests.serving import Product

from .agent import Agent, Desk

NewPage = Callable[..., Page]
DESK = {"viewport": {"width": 1280, "height": 800}}
#: Counts notes in place of playing them.
SILENT = """
  self.notes = 0;
  const still = { value: 0, setValueAtTime() {}, exponentialRampToValueAtTime() {} };
  const node = { gain: still, frequency: still, connect: (next) => next, start() { self.notes++ }, stop() {} };
  self.AudioContext = class {
    currentTime = 0; destination = node;
    createGain() { return node }
    createOscillator() { return { ...node } }
  };
"""


@pytest.fixture
def talks(desk: Desk) -> list[Talk]:
    """Four that wait for an answer, the latest first in the list."""
    return [desk.talk(title=title).chat() for title in ("Zeroth", "First", "Second", "Third")]


@pytest.fixture
def agent(product: Product, desk: Desk, talks: list[Talk], new_page: NewPage) -> Agent:
    signed_in = Agent(product, desk.site, new_page, **DESK)
    signed_in.page.add_init_script(SILENT)
    signed_in.open()
    return signed_in


def focused(agent: Agent) -> Locator:
    return agent.page.locator("a.row:focus b")


def test_letters_move_open_and_come_back(agent: Agent) -> None:
    keys = agent.page.keyboard
    for key, title in (("j", "Third"), ("j", "Second"), ("k", "Third"), ("k", "Third"), ("j", "Second")):
        keys.press(key)
        expect(focused(agent)).to_have_text(title)
    keys.press("o")
    expect(agent.page.locator(".transcript h1")).to_have_text("Second")
    keys.press("/")
    expect(agent.page.get_by_label("Search in comments")).to_be_focused()
    keys.type("jku?")
    expect(agent.page.get_by_label("Search in comments")).to_have_value("jku?")
    agent.page.locator(".transcript h1").click()
    keys.press("u")
    expect(focused(agent)).to_have_text("Second")
    keys.press("Control+j")
    expect(focused(agent)).to_have_text("Second")
    keys.press("j")
    keys.press("Enter")
    expect(agent.page.locator(".transcript h1")).to_have_text("First")


def test_switched_off_they_stay_off(agent: Agent, subtests: pytest.Subtests) -> None:
    """Check the open dialog for accessibility too."""
    keys = agent.page.keyboard
    keys.press("?")
    dialog = agent.page.get_by_role("dialog", name="Keyboard and notifications")
    expect(dialog).to_be_visible()
    for scheme in SCHEMES:
        with subtests.test(scheme=scheme):
            turn(agent.page, scheme)
            assert violations(agent.page) == []
    dialog.get_by_label("Keyboard shortcuts").uncheck()
    keys.press("Escape")
    expect(dialog).to_be_hidden()
    for _ in range(2):
        keys.press("j")
        keys.press("?")
        expect(focused(agent)).to_have_count(0)
        expect(dialog).to_be_hidden()
        agent.open()
    agent.page.get_by_role("button", name="Keyboard and notifications").click()
    expect(dialog.get_by_label("Keyboard shortcuts")).not_to_be_checked()
    dialog.get_by_label("Keyboard shortcuts").check()
    dialog.get_by_role("button", name="Close").click()
    keys.press("j")
    expect(focused(agent)).to_have_text("Third")


def test_new_ratings_are_counted_while_the_page_is_hidden(agent: Agent, talks: list[Talk]) -> None:
    page = agent.page
    title = page.title()
    page.get_by_text("Select a conversation").click()
    agent.look_away(True)
    for number, talk in enumerate(talks[:2], 1):
        talk.vote(talk.ask(), 1)
        expect(page).to_have_title(f"({number}) {title}")
    assert page.evaluate("self.notes") == 4
    agent.look_away(False)
    expect(page).to_have_title(title)
    talks[2].vote(talks[2].ask(), 3)
    expect(agent.rows.first).to_contain_text("Good")
    assert (page.title(), page.evaluate("self.notes")) == (title, 4)

    page.get_by_role("button", name="Keyboard and notifications").click()
    page.get_by_label("Number of new ratings").uncheck()
    page.get_by_label("Sound for new ratings").uncheck()
    page.get_by_role("button", name="Close").click()
    agent.look_away(True)
    talks[3].vote(talks[3].ask(), 2)
    expect(agent.rows.first).to_contain_text("OK")
    assert (page.title(), page.evaluate("self.notes")) == (title, 4), "switched off, nothing is counted or heard"
