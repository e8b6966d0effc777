"""The main job: a face pressed at the end of a chat appears under the last message on the agent's open page."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.back_end import Api
from tests.browser.conftest import NewPage
from tests.browser.main_job.conftest import OpenShop
from tests.browser.main_job.krans import Agent, Visitor, ratings
from tests.factories import MadeSite
from tests.serving import Product

NEVER = 10_000.0


def test_a_face_appears_under_the_last_message_of_the_open_transcript(
    visitor: Visitor, agent: Agent, product: Product, site: MadeSite, api: Api
) -> None:
    visitor.write("My chain slips on the climb")
    agent.open(product, site, "My chain slips on the climb")
    visitor.end()
    answer = visitor.page.locator("#messages .agent p").inner_text()
    expect(agent.under(answer)).to_contain_text("no answer yet")
    visitor.press("Good")
    expect(agent.under(answer)).to_contain_text("Good")
    visitor.saved()
    assert not agent.was_reloaded
    assert ratings(api, visitor.id) == [("rated", "Good", True)]


def test_a_continued_chat_gets_a_rating_for_each_segment_under_its_last_message(
    visitor: Visitor, agent: Agent, product: Product, site: MadeSite, api: Api
) -> None:
    visitor.write("My chain slips on the climb")
    agent.open(product, site, "My chain slips on the climb")
    visitor.end()
    visitor.press("Good")
    visitor.saved()
    visitor.write("About 4,000 km")
    visitor.write("And the cassette is as old as the chain")
    visitor.end()
    first, _, last = visitor.page.locator("#messages .agent p").all_inner_texts()
    expect(agent.under(last)).to_contain_text("no answer yet")
    expect(visitor.face("Bad")).to_have_attribute("aria-pressed", "false")
    visitor.press("Bad")
    expect(agent.under(last)).to_contain_text("Bad")
    expect(agent.under(first)).to_contain_text("Good")
    expect(agent.bands).to_have_count(2)
    assert not agent.was_reloaded
    assert ratings(api, visitor.id) == [("rated", "Good", True), ("rated", "Bad", True)]


def test_thanks_and_a_farewell_show_no_new_survey_and_the_rating_stays(
    visitor: Visitor, agent: Agent, product: Product, site: MadeSite, api: Api
) -> None:
    visitor.write("My chain slips on the climb")
    agent.open(product, site, "My chain slips on the climb")
    visitor.end()
    expect(visitor.face("Good")).to_be_visible()
    first = visitor.page.locator("#messages .agent p").first.inner_text()
    visitor.write("Thanks, bye")
    visitor.end()
    expect(visitor.page.locator("#ledger li")).to_have_count(2)
    expect(visitor.page.locator("#ledger li").last).to_contain_text("Not asked")
    visitor.press("OK")
    visitor.saved()
    expect(agent.under(first)).to_contain_text("OK")
    expect(agent.bands.last).to_contain_text("Not asked")
    assert ratings(api, visitor.id) == [("rated", "OK", True), ("not_asked", None, None)]


def test_an_end_by_the_agent_is_found_out_by_the_open_page(visitor: Visitor, api: Api) -> None:
    visitor.write("My chain slips on the climb")
    with visitor.page.expect_response("**/end"):
        visitor.page.click("#agent-end")
    visitor.poll()
    visitor.press("Good")
    visitor.saved()
    assert ratings(api, visitor.id) == [("rated", "Good", True)]


def test_a_change_of_mind_changes_the_band_in_place(
    visitor: Visitor, agent: Agent, product: Product, site: MadeSite, api: Api
) -> None:
    visitor.chat("My chain slips on the climb")
    agent.open(product, site, "My chain slips on the climb")
    visitor.press("Bad")
    expect(agent.bands).to_contain_text("Bad")
    visitor.press("Good")
    expect(agent.bands).to_contain_text("Bad to Good")
    expect(agent.bands).to_have_count(1)
    assert not agent.was_reloaded


def test_the_reason_for_not_asking_is_shown_beside_the_chat(new_page: NewPage, open_shop: OpenShop, api: Api) -> None:
    visitor = Visitor(new_page()).open(open_shop(pace=NEVER))
    visitor.page.fill("#text", "Is anybody there?")
    visitor.page.press("#text", "Enter")
    expect(visitor.page.locator("#writing")).to_be_visible()
    visitor.end()
    expect(visitor.page.locator("#ledger")).to_contain_text("no person answered")
    expect(visitor.face("Good")).to_have_count(0)
    assert ratings(api, visitor.id) == [("not_asked", None, None)]
