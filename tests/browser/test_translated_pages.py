"""Pages in German, whose words are the longest, fit their windows; scripts write in the language of the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from widget_server.console.settings.groups import GROUPS

from .accessibility import violations
from .agent import Agent, Desk

pytestmark = pytest.mark.slow

SITE_PATHS = ["conversations", "overview", "articles", "agents", "install", "audit"]
SITE_PATHS += ["settings", *(f"settings/{group.slug}" for group in GROUPS)]
SERVER_PATHS = ["sites", "sites/new", "users", "teams", "mail", "audit", "profile"]
WIDTHS = (320, 390, 1280)


def test_german_pages_are_no_wider_than_their_window(
    signed_in: Callable[..., Agent], desk: Desk, subtests: pytest.Subtests
) -> None:
    talk = desk.talk(title="Order 4411").chat()
    talk.vote(talk.ask(), 1, comment="Still no parcel")
    agent = signed_in(locale="de-DE", bypass_csp=True)
    conversation = f"conversations/{talk.read()['id']}"
    paths = [f"{agent.site.key}/{path}" for path in (*SITE_PATHS, conversation)] + SERVER_PATHS
    for path in paths:
        agent.page.goto(f"{agent.product.url}/console/{path}")
        for width in WIDTHS:
            with subtests.test(path=path, width=width):
                agent.page.set_viewport_size({"width": width, "height": 900})
                assert agent.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    with subtests.test(path=conversation):
        assert violations(agent.page) == []


def test_scripts_write_in_the_language_of_the_page(signed_in: Callable[..., Agent], desk: Desk) -> None:
    talk = desk.talk(title="Order 4411").chat()
    talk.vote(talk.ask(), 1)
    agent = signed_in(locale="nb-NO")
    agent.page.goto(f"{agent.product.url}/console/{agent.site.key}/conversations")
    expect(agent.sign).to_have_text("Direkte")
    expect(agent.rows.first.locator("time")).to_have_text("nå")
