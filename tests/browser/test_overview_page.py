"""The overview in a browser: accessible, as wide as a phone, and complete without a script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import SCHEMES, turn, violations

from .agent import Agent, Desk

PATHS = ("overview", "overview?cut=weekday&channel=chat", "overview/ratings")


def visit(agent: Agent, path: str) -> None:
    """Open a page that follows no events."""
    agent.page.goto(f"{agent.product.url}/console/{agent.site.key}/{path}")


@pytest.mark.slow
def test_the_overview_is_accessible_and_fits_a_phone(
    signed_in: Callable[..., Agent], desk: Desk, subtests: pytest.Subtests
) -> None:
    for score in (3, 3, 2, 1, 3, 3):
        talk = desk.talk(title="Order 4411").chat()
        talk.vote(talk.ask(), score, comment="w" * 300)
    # The policy of the page would keep the checker out, too.
    agent = signed_in(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    for path in PATHS:
        visit(agent, path)
        for scheme in SCHEMES:
            with subtests.test(path=path, scheme=scheme):
                turn(agent.page, scheme)
                assert violations(agent.page) == []
        for width in (320, 390, 1280):
            agent.page.set_viewport_size({"width": width, "height": 800})
            beyond = agent.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert beyond <= 0, f"{path} at {width}"


@pytest.mark.slow
def test_the_policy_stops_nothing_and_the_table_opens_without_a_script(
    signed_in: Callable[..., Agent], desk: Desk
) -> None:
    for score in (3, 3, 2, 1, 3):
        talk = desk.talk().chat()
        talk.vote(talk.ask(), score)
    agent = signed_in(java_script_enabled=False)
    messages: list[str] = []
    agent.page.on("console", lambda message: messages.append(message.text))
    visit(agent, "overview")
    agent.page.get_by_text("Show as a table").click()
    table = agent.page.locator(".trend-tile table")
    expect(table).to_be_visible()
    assert "60\u00a0%" in table.inner_text()
    agent.page.locator(".trend-tile td a").first.click()
    expect(agent.page.locator(".report-votes li")).to_have_count(5)
    assert messages == []
