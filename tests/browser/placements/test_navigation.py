"""Pages that change their address without a load: each path is rated separately and counted once."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.back_end import done
from tests.browser.hosts.measures import NEXT_FRAMES, RECORD_SHIFTS
from tests.browser.waiting import wait_until_true
from tests.browser.widget.reader import MEASURE, RATING, Reader

#: Frameworks set the new address before or after they draw the new contents.
ORDERS = {
    "address first": "(path, draw) => { history.pushState(null, '', path); setTimeout(draw, 30); }",
    "contents first": "(path, draw) => { draw(); setTimeout(() => history.pushState(null, '', path), 30); }",
}
#: Contents that have not changed by then belong to the new address.
KEPT_MS = 7000
DRAW = "() => document.querySelector('main').innerHTML = `<h1>${Date.now()}</h1><tilfreds-rating></tilfreds-rating>`"


def has_new_card(reader: Reader) -> None:
    """Assert that the card has no answer yet."""
    reader.says("")
    expect(reader.card().locator("output")).to_be_empty()
    expect(reader.card().locator("[part=more]")).to_have_count(0)
    assert reader.lit() == []


def test_an_element_that_stays_is_about_the_page_that_is_shown(reader: Reader) -> None:
    reader.page.clock.install()
    first = reader.open(f"<main>First</main>{RATING}").path
    reader.press("Good")
    reader.says("Saved")

    reader.page.evaluate("history.pushState(null, '', '/second')")
    reader.page.clock.run_for(KEPT_MS)
    has_new_card(reader)
    reader.press("Bad")
    reader.says("Saved")

    reader.page.go_back()
    reader.page.clock.run_for(KEPT_MS)
    reader.says("You answered Good.")
    reader.page.go_forward()
    reader.page.clock.run_for(KEPT_MS)
    reader.says("You answered Bad.")
    with reader.page.expect_request("**/seen"):
        reader.page.evaluate("history.replaceState(null, '', '/third')")
        reader.page.clock.run_for(KEPT_MS)
        has_new_card(reader)

    votes = {vote["subject"]: vote["answer"]["word"] for vote in reader.votes()}
    assert votes == {first: "Good", "/second": "Bad"}
    assert [body["subject"] for body in reader.of("seen")] == [first, "/second", "/third"]


def test_the_same_path_is_the_same_page(reader: Reader) -> None:
    """Treat another hash or query as the same page, and count redrawn contents only once."""
    path = reader.open(f"<main>{RATING}</main>").path
    expect(reader.card()).to_be_visible()
    reader.page.evaluate("self.before = document.querySelector('tilfreds-rating').shadowRoot.firstChild")
    for change in ("location.hash = 'part'", "history.pushState(null, '', '?page=2')", "history.replaceState(1, '')"):
        reader.page.evaluate(change)
        reader.page.wait_for_timeout(300)
    assert reader.page.evaluate("before == document.querySelector('tilfreds-rating').shadowRoot.firstChild")

    for _ in range(3):
        reader.page.evaluate(f"({DRAW})()")
        expect(reader.card()).to_be_visible()
    reader.page.wait_for_timeout(300)
    assert [body["subject"] for body in reader.of("seen")] == [path]


@pytest.mark.parametrize("order", ORDERS)
def test_an_element_that_comes_with_new_contents_is_about_the_new_page(reader: Reader, order: str) -> None:
    first = reader.open(f"<main>{RATING}</main>").path
    reader.press("Bad")
    reader.says("Saved")

    reader.page.evaluate(f"({ORDERS[order]})('/after', {DRAW})")
    reader.page.wait_for_url("**/after")
    has_new_card(reader)
    reader.press("OK")
    reader.says("Saved")

    assert {vote["subject"]: vote["answer"]["word"] for vote in reader.votes()} == {first: "Bad", "/after": "OK"}
    assert [body["subject"] for body in reader.of("seen")] == [first, "/after"]


def test_contents_swapped_in_the_same_element_get_faces_at_once(reader: Reader) -> None:
    """Swap an article whose end is in view, as Docsify does."""
    done(reader.make.back_end(reader.site).patch("/site", {"article_selector": "article"}))
    tall = '<p style="height: 1500px">Long</p>'
    reader.open(f"<article><h1>One</h1>{tall}</article><footer style='height: 200px'>End</footer>")
    expect(reader.card()).to_have_count(1)
    reader.page.evaluate("scrollTo(0, 1e9)")
    reader.page.evaluate(
        """() => { location.hash = "#/two";
        document.querySelector("article").innerHTML = "<h1>Two</h1><p style='height: 1500px'>Long</p>"; }"""
    )
    expect(reader.page.locator("article > tilfreds-rating")).to_have_count(1)
    reader.press("Good")
    reader.says("Saved")
    assert [vote["subject"] for vote in reader.votes()] == [f"{reader.path}#/two"]


TALL = '<article><p style="height: 1500px">Long</p><h2 id="last">Last</h2></article>'
FOOTER = '<footer style="height: 200px">End</footer>'
RESERVE = '<style>article:not(:has(tilfreds-rating))::after { content: ""; display: block; height: 224px }</style>'


@pytest.mark.parametrize("body", [RESERVE + TALL + FOOTER, TALL], ids=["reserved", "nothing below"])
def test_a_reader_who_arrives_at_the_end_sees_the_faces_at_once(reader: Reader, body: str) -> None:
    done(reader.make.back_end(reader.site).patch("/site", {"article_selector": "article"}))
    reader.page.add_init_script(MEASURE)
    reader.page.goto(f"{reader.pages.put(body + reader.tag, '/end')}#last")
    expect(reader.card()).to_be_attached()
    reader.page.wait_for_load_state("networkidle")
    assert reader.page.evaluate("self.shift") == 0


def test_a_reader_who_arrives_above_other_contents_sees_the_faces_after_a_key(reader: Reader) -> None:
    done(reader.make.back_end(reader.site).patch("/site", {"article_selector": "article"}))
    reader.page.add_init_script(RECORD_SHIFTS)
    reader.page.goto(f"{reader.pages.put(TALL + FOOTER + reader.tag, '/end')}#last")
    wait_until_true(reader.page, "self.tilfreds")
    reader.page.wait_for_timeout(300)
    expect(reader.card()).to_have_count(0)
    reader.page.keyboard.press("Tab")
    expect(reader.card()).to_be_attached()
    reader.page.evaluate(NEXT_FRAMES)
    # The browser excuses a shift right after a key.
    assert reader.page.evaluate("self.shifted") == 0
