"""The rating finds the end of an article in the known layouts, on small pages of their structure."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.back_end import done
from tests.browser.placements.layouts import NONE, NOT_READY, READY, STRUCTURES
from tests.browser.widget.reader import MEASURE, Reader
from tests.guides import PAGE
from widget_server.sites.placement import LAYOUTS

SWAP = """(path) => {
  history.pushState(null, "", path);
  setTimeout(() => {
    const end = document.querySelector("[data-end]"), next = end.cloneNode(true);
    next.querySelector("tilfreds-rating")?.remove();
    end.replaceWith(next);
    scrollTo(0, 0);
  }, 30);
}"""


def wants(reader: Reader, **settings: object) -> None:
    done(reader.make.back_end(reader.site).patch("/site", settings))


def test_each_selector_matches_only_the_end_of_an_article(page: Page, subtests: pytest.Subtests) -> None:
    has_end_script = "(selector) => document.querySelector(selector)?.hasAttribute('data-end')"
    for layout, structure in STRUCTURES.items():
        with subtests.test(layout=layout):
            page.set_content(f"<!doctype html><body>{structure}")
            page.evaluate(READY.get(layout, "0"))
            assert page.evaluate(has_end_script, LAYOUTS[layout]) is True
    for layout, structure in NONE.items():
        with subtests.test("no article", layout=layout):
            page.set_content(f"<!doctype html><body>{structure}")
            page.evaluate(NOT_READY.get(layout, "0"))
            assert page.evaluate(has_end_script, LAYOUTS[layout]) is None


@pytest.mark.parametrize("layout", ["zendesk-guide", "docusaurus", pytest.param("vitepress", marks=pytest.mark.long)])
def test_the_rating_appears_when_the_page_is_ready_and_moves_with_its_contents(reader: Reader, layout: str) -> None:
    wants(reader, placement={"layout": layout})
    reader.page.add_init_script(MEASURE)
    first = reader.open(STRUCTURES[layout]).path
    rating = reader.page.locator("[data-end] > tilfreds-rating:last-child")
    if layout in READY:
        reader.page.wait_for_timeout(500)
        expect(rating).to_have_count(0)
        reader.page.evaluate(READY[layout])
    expect(rating).to_have_count(1)
    reader.press("Good")
    reader.says("Saved")

    reader.page.evaluate(SWAP, "/next")
    expect(rating).to_have_count(1)
    expect(reader.card().locator("output")).to_be_empty()
    assert reader.lit() == []
    reader.press("Bad")
    reader.says("Saved")
    reader.page.evaluate(SWAP, first)
    reader.says("You answered Good.")
    assert reader.page.locator("tilfreds-rating").count() == 1
    assert {vote["subject"]: vote["answer"]["word"] for vote in reader.votes()} == {first: "Good", "/next": "Bad"}
    assert [body["subject"] for body in reader.of("seen")] == [first, "/next"]


def test_the_rating_becomes_the_last_element_again_after_a_change(reader: Reader) -> None:
    """Change the contents of an article as a page's script does that does not know the rating."""
    wants(reader, article_selector="article")
    reader.open("<article><p style='height: 3000px'>One</p></article>")
    last = reader.page.locator("article > tilfreds-rating:last-child")
    expect(last).to_have_count(1)
    reader.page.evaluate("""() => {
      history.pushState(null, "", "/two");
      const text = Object.assign(document.createElement("p"), { textContent: "Two" });
      document.querySelector("article > p").remove();
      document.querySelector("article").append(text);
    }""")
    expect(last).to_have_count(1)
    expect(reader.page.locator("tilfreds-rating")).to_have_count(1)


def test_a_tag_in_the_page_stays_where_it_is(reader: Reader) -> None:
    wants(reader, article_selector="article")
    reader.open("<article><tilfreds-rating></tilfreds-rating><p style='height: 3000px'>One</p></article>")
    expect(reader.card()).to_be_visible()
    reader.page.wait_for_timeout(500)
    expect(reader.page.locator("article > tilfreds-rating:first-child")).to_have_count(1)
    expect(reader.page.locator("tilfreds-rating")).to_have_count(1)


def test_a_page_may_hold_the_script_twice(reader: Reader) -> None:
    wants(reader, article_selector="article", placement={"popover": {"delay_seconds": 0, "scroll_percent": 0}})
    reader.open(f"<article><p style='height: 3000px'>One</p></article>{reader.tag}")
    expect(reader.page.locator("article > tilfreds-rating")).to_have_count(1)
    reader.page.wait_for_timeout(1_300)
    expect(reader.page.locator("tilfreds-rating")).to_have_count(1)


def test_the_css_of_the_guide_reserves_the_place_on_a_short_page(reader: Reader) -> None:
    line = re.findall(r"^article:not.*$", PAGE.read_text("utf-8"), re.M)[0]
    wants(reader, article_selector="article")
    reader.page.add_init_script(MEASURE)
    reader.open(f"<style>{line}</style><article><p>Short</p></article><p>What comes after</p>")
    expect(reader.card()).to_be_visible()
    assert reader.page.evaluate("self.shift") == 0


@pytest.mark.parametrize(
    ("selector", "words"), [("article[", "is not a valid CSS selector"), ("#none", "Nothing in this page")]
)
def test_the_console_says_what_is_wrong_with_a_selector(reader: Reader, selector: str, words: str) -> None:
    wants(reader, article_selector=selector)
    with reader.page.expect_console_message(lambda message: words in message.text and selector in message.text):
        reader.open("<article>One</article>")
