"""The settings of a site in a browser: without script, accessible, and no wider than a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.back_end import done
from widget_server.console.settings.groups import GROUPS

from .accessibility import SCHEMES, check_page
from .agent import Agent, Desk

pytestmark = pytest.mark.slow

PATHS = ["settings", "settings?q=time", *(f"settings/{group.slug}" for group in GROUPS)]
PATHS += ["settings/privacy/requests?id=nobody", "settings/privacy/record"]


def visit(agent: Agent, path: str) -> None:
    """Open a page without a stream."""
    agent.page.goto(f"{agent.product.url}/console/{agent.site.key}/{path}")


def test_every_group_is_accessible_and_fits_a_phone(
    signed_in: Callable[..., Agent], desk: Desk, subtests: pytest.Subtests
) -> None:
    agent = signed_in(bypass_csp=True)
    for path in PATHS:
        visit(agent, path)
        check_page(agent.page, subtests, path)
    agent.page.goto(f"{agent.product.url}/console/sites")
    check_page(agent.page, subtests, "sites")


def test_the_preview_shows_the_real_card_in_the_theme_that_is_typed(
    signed_in: Callable[..., Agent], desk: Desk
) -> None:
    agent = signed_in()
    visit(agent, "settings/appearance")
    cards = {
        scheme: agent.page.frame_locator(f"iframe[data-scheme={scheme}]").locator("tilfreds-rating")
        for scheme in SCHEMES
    }
    for card in cards.values():
        expect(card.get_by_role("button", name="Good")).to_be_visible()
    agent.page.get_by_label("Theme").select_option("playful")
    expect(cards["light"]).to_have_css("--tilfreds-radius", "22px")
    paper = "getComputedStyle(document.querySelector('tilfreds-rating')).getPropertyValue('--tilfreds-paper')"
    frame = agent.page.frames[1]
    assert "#fff5e9" in frame.evaluate(paper)
    assert agent.product.make.back_end(agent.site).get("/site").get_json()["theme"] == {}


def test_the_list_of_sites_counts_a_rating_without_a_reload(signed_in: Callable[..., Agent], desk: Desk) -> None:
    agent = signed_in()
    # The server has the sites of other tests, too: more than one page.
    done(agent.product.make.back_end(desk.site).patch("/site", {"name": "Counted without a reload"}))
    agent.page.goto(f"{agent.product.url}/console/sites?q=counted+without")
    row = agent.page.locator(".figure").filter(has=agent.page.locator(f'a[href="/console/{desk.site.key}/"]'))
    expect(row).to_contain_text("No ratings")
    desk.readers.vote({"kind": "article", "subject": "/help/a"}, 3)
    expect(row).to_contain_text("1 rating", timeout=20_000)


def test_a_setting_is_found_changed_and_taken_back_without_script(signed_in: Callable[..., Agent], desk: Desk) -> None:
    agent = signed_in(java_script_enabled=False)
    visit(agent, "settings")
    agent.page.get_by_label("Search settings").fill("time zone")
    agent.page.keyboard.press("Enter")
    agent.page.get_by_role("link", name="Time zone").click()
    agent.page.get_by_label("Time zone").select_option("Asia/Tokyo")
    agent.page.get_by_role("button", name="Save").click()
    expect(agent.page.get_by_role("status")).to_contain_text("Saved.")
    expect(agent.page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    agent.page.get_by_role("button", name="Undo").click()
    expect(agent.page.get_by_role("status")).to_contain_text("was taken back")
    expect(agent.page.get_by_label("Time zone")).not_to_have_value("Asia/Tokyo")
