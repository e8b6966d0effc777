"""The inbox in a browser: filtered, searched, live, on a phone, without scripts, and accessible."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import SCHEMES, turn, violations
from tests.browser.conftest import NewPage
from tests.factories import ORIGIN, Make
from tests.serving import Product

from .agent import Agent, Desk

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 800}}


@pytest.fixture(scope="module")
def desk(shared_product: Product) -> Desk:
    """Return a site for tests that only read: answers of each kind, two with comments in other scripts."""
    make = shared_product.make
    site = make.site(allowed_origins=[ORIGIN])
    make.agent(site, "anna", "Anna Holm")
    desk = Desk(shared_product, site, make.survey(site), make.survey(site, "article"))
    for title, score, comment in (
        ("Order 4411", 1, "Still no parcel, and nobody told me. I had to ask three times before I heard anything."),
        ("Invoice copy", 2, "Größe und STRASSE stimmen nicht"),
        ("طلب ٤٤١٢", 1, "لم يَصِلْ الطرد حتى الآن"),
        ("Password reset", 3, None),
    ):
        talk = desk.talk(title=title, team="Returns", case_type="parcel")
        talk.say("visitor")
        talk.say("agent", agent="anna")
        talk.vote(talk.ask(), score, comment=comment)
    desk.talk(title="Opening hours").say("visitor")
    return desk


def test_search_and_filters_go_together_and_can_be_taken_away(signed_in: Callable[..., Agent]) -> None:
    agent = signed_in(**DESK)
    page = agent.page
    agent.open()
    page.get_by_role("link", name="Negative", exact=True).click()
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Agent").select_option("anna")
    page.get_by_label("Search in comments").fill("يصل")
    page.get_by_role("button", name="Apply filters").click()

    expect(agent.rows).to_have_count(1)
    expect(page.locator("mark")).to_have_text("يَصِلْ")
    expect(page).to_have_url(re.compile("status=negative"))
    agent.rows.first.click()
    expect(page.locator("h1")).to_have_text("طلب ٤٤١٢")
    expect(page).to_have_url(re.compile("/conversations/.*agent=anna"))

    page.get_by_role("link", name="Comment: يصل").click()
    expect(agent.rows).to_have_count(2)
    page.reload()
    expect(agent.rows).to_have_count(2)
    page.get_by_role("link", name="Agent: Anna Holm").click()
    expect(page.locator(".chips")).to_have_count(0)
    expect(page.locator(".filters [aria-current]")).to_have_text("Negative")


def test_a_filtered_list_stays_filtered_while_it_is_live(product: Product, make: Make, new_page: NewPage) -> None:
    site = make.site(allowed_origins=[ORIGIN])
    make.agent(site, "anna", "Anna Holm")
    desk = Desk(product, site, make.survey(site), make.survey(site, "article"))

    def rate(title: str, score: int) -> None:
        talk = desk.talk(title=title)
        talk.say("visitor")
        talk.say("agent", agent="anna")
        talk.vote(talk.ask(), score)

    rate("Password reset", 3)
    agent = Agent(product, site, new_page, **DESK)
    agent.open("conversations?sentiment=positive&agent=anna")
    expect(agent.rows).to_have_count(1)
    rate("New and good", 3)
    rate("New and bad", 1)
    expect(agent.rows).to_have_count(2)
    expect(agent.rows.first).to_contain_text("New and good")
    expect(agent.page.locator(".count")).to_have_text("2 conversations")


def test_an_empty_result_offers_to_remove_each_filter(signed_in: Callable[..., Agent]) -> None:
    agent = signed_in(**DESK)
    agent.open("conversations?q=parcel&sentiment=positive")
    expect(agent.rows).to_have_count(0)
    agent.page.get_by_role("link", name="Remove Rating: Positive").click()
    expect(agent.rows).to_have_count(1)


def test_everything_works_without_scripts(signed_in: Callable[..., Agent]) -> None:
    agent = signed_in(**PHONE, java_script_enabled=False)
    page = agent.page
    page.goto(f"{agent.product.url}/console/{agent.site.key}/conversations")
    page.get_by_text("Filters", exact=True).click()
    page.locator("select[name=sentiment]").select_option("Negative")
    page.get_by_label("Tag").fill("parcel")
    page.get_by_role("button", name="Apply filters").click()
    expect(agent.rows).to_have_count(2)
    page.get_by_label("Search in comments").fill("PARCEL")
    page.get_by_label("Search in comments").press("Enter")
    expect(agent.rows).to_have_count(1)
    expect(page).to_have_url(re.compile("sentiment=negative"))


@pytest.mark.parametrize("window", [DESK, PHONE], ids=["desk", "phone"])
def test_the_inbox_is_readable_by_everybody(
    signed_in: Callable[..., Agent], subtests: pytest.Subtests, window: dict
) -> None:
    # The policy of the page would keep the checker out, too.
    agent = signed_in(**window, bypass_csp=True)
    for query in ("", "?q=parcel&team=Returns", "?q=nothing+of+it&agent=anna&status=rated"):
        agent.open(f"conversations{query}")
        agent.page.get_by_text("Filters", exact=True).click()
        for scheme in SCHEMES:
            with subtests.test(query=query, scheme=scheme):
                turn(agent.page, scheme)
                assert violations(agent.page) == []
                for width in (320, window["viewport"]["width"]):
                    agent.page.set_viewport_size({"width": width, "height": 800})
                    beyond = agent.page.evaluate("document.documentElement.scrollWidth - innerWidth")
                    assert beyond <= 0, f"at {width}"
