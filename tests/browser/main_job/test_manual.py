"""An agent decides by hand: the question comes up on the visitor's open page, or none does and the reason is seen."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.back_end import Api
from tests.browser.main_job.krans import Agent, Visitor, ratings
from tests.factories import MadeSite
from tests.serving import Product


def test_ask_now_shows_the_faces_and_the_answer_appears_under_the_last_message(
    visitor: Visitor, agent: Agent, product: Product, site: MadeSite, api: Api
) -> None:
    visitor.write("My chain slips on the climb")
    agent.open(product, site, "My chain slips on the climb")
    answer = visitor.page.locator("#messages .agent p").inner_text()
    agent.page.get_by_role("button", name="Ask now").click()
    expect(agent.under(answer)).to_contain_text("no answer yet")
    visitor.poll()
    expect(visitor.face("Good")).to_be_visible()
    visitor.press("Good")
    visitor.saved()
    expect(agent.under(answer)).to_contain_text("Good")
    assert ratings(api, visitor.id) == [("rated", "Good", True)]


def test_close_without_asking_shows_its_reason_until_an_agent_asks(
    visitor: Visitor, agent: Agent, product: Product, site: MadeSite, api: Api
) -> None:
    visitor.write("My chain slips on the climb")
    agent.open(product, site, "My chain slips on the climb")
    answer = visitor.page.locator("#messages .agent p").inner_text()
    agent.page.get_by_text("Close without asking").click()
    agent.page.locator(".manual").get_by_label("Reason").fill("a duplicate")
    agent.page.get_by_role("button", name="Close", exact=True).click()
    expect(agent.under(answer)).to_have_text("Not asked: closed without asking: a duplicate")
    expect(visitor.page.locator("tilfreds-rating button")).to_have_count(0)
    agent.page.get_by_role("button", name="Ask now").click()
    expect(agent.under(answer)).to_contain_text("no answer yet")
    visitor.poll()
    expect(visitor.face("Bad")).to_be_visible()
    visitor.press("Bad")
    visitor.saved()
    expect(agent.under(answer)).to_contain_text("Bad")
    assert ratings(api, visitor.id) == [("rated", "Bad", True)]
