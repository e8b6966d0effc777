"""Nothing in the page moves: neither when a card appears, nor from a press to its receipt and a later visit."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Route, expect

from tests.back_end import done
from tests.browser.waiting import wait_until_true
from tests.browser.watch import Watch, failed
from tests.browser.widget.reader import RATING, Reader, refusal
from tests.guides import PAGE
from tests.surveys.sample_questions import SAMPLE_QUESTIONS

#: Shifts that the reader did not cause: browsers leave out the half second after a press.
MEASURE = """self.shifts = []; new PerformanceObserver((list) => {
  for (const { hadRecentInput, value, sources } of list.getEntries())
    if (!hadRecentInput) self.shifts.push([value, ...sources.map(({ node }) => node?.localName ?? node?.nodeName)]);
}).observe({ type: "layout-shift", buffered: true })"""
#: Browsers do not count a shift earlier than this after a press.
LATE_SECONDS = 0.7
RESERVE = re.compile(r"tilfreds-rating \{ display: block; min-height: \d+px \}")
#: What would move.
BELOW = "<p>What comes after the article</p><footer>Footer</footer>"


def reserve_line() -> str:
    """Return the line of the guides that reserves room, which is the same in all of them."""
    pages = [PAGE, PAGE.parent / "frameworks.md", PAGE.parents[2] / "static" / "README.md"]
    lines = {line for page in pages for line in RESERVE.findall(page.read_text("utf-8"))}
    assert len(lines) == 1, lines
    return lines.pop()


def answer_late(route: Route) -> None:
    time.sleep(LATE_SECONDS)
    route.continue_()


def fail_late(route: Route) -> None:
    time.sleep(LATE_SECONDS)
    refusal("unavailable", 503)(route)


@pytest.mark.parametrize("width", [1000, 360])
@pytest.mark.parametrize("box", ["content-box", "border-box"])
def test_a_press_moves_nothing_below_the_reserved_room(reader: Reader, watch: Watch, width: int, box: str) -> None:
    watch.expect(failed("/votes", "503"))
    page = reader.page
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(MEASURE)
    viewport = "<meta name=viewport content='width=device-width'>"
    reader.open(f"{viewport}<style>* {{ box-sizing: {box} }} {reserve_line()}</style>{RATING}{BELOW}")
    reader.answers("votes", answer_late)
    for word in ("Good", "Bad"):
        reader.press(word)
        reader.says("Saved")
    page.get_by_role("button", name="Add a comment").click()
    page.get_by_role("textbox").fill("The label did not print.")
    page.get_by_role("button", name="Done").click()
    reader.says("Comment saved")
    page.unroute("**/w/*/votes")
    reader.answers("votes", fail_late)
    reader.press("OK")
    reader.says("Kept on this device")
    assert page.evaluate("self.shifts") == []
    page.unroute("**/w/*/votes")
    reader.says("Saved")
    page.reload()
    reader.says("You answered OK.")
    page.wait_for_timeout(LATE_SECONDS * 1000)
    assert page.evaluate("self.shifts") == []


def test_a_card_that_a_layout_places_has_its_room_too(reader: Reader) -> None:
    page = reader.page
    page.add_init_script(MEASURE)
    done(reader.make.back_end(reader.site).patch("/site", {"article_selector": "main article"}))
    text = '<p style="height: 2000px">Long</p>'
    style = "<style>* { box-sizing: border-box }</style>"
    reader.open(f"{style}<main><article>{text}</article>{BELOW}</main>", tag=reader.tag)
    page.locator("tilfreds-rating").scroll_into_view_if_needed()
    reader.answers("votes", answer_late)
    reader.press("Good")
    reader.says("Saved")
    page.wait_for_timeout(LATE_SECONDS * 1000)
    assert page.evaluate("self.shifts") == []


BUBBLE = "<button style='position: fixed; bottom: 20px; right: 20px; width: 56px; height: 56px'>Chat</button>"
COOKIES = "<div style='position: fixed; inset: auto 0 0 0; height: 90px; background: #eee'>We use cookies</div>"

BOTTOM = "document.querySelector('tilfreds-rating').getBoundingClientRect().bottom"


@pytest.mark.parametrize("obstacle", [BUBBLE, COOKIES], ids=["bubble", "cookie bar"])
def test_a_card_in_a_corner_measures_without_moving(reader: Reader, obstacle: str) -> None:
    page = reader.page
    page.add_init_script(MEASURE)
    popover = {"delay_seconds": 0, "scroll_percent": 0, "side": "end"}
    done(reader.make.back_end(reader.site).patch("/site", {"placement": {"popover": popover}}))
    reader.open(f"<p>A shop</p>{obstacle}", tag=reader.tag)
    expect(reader.card()).to_be_visible()
    # Several checks of its place.
    page.wait_for_timeout(1_700)
    bar, card = page.locator("button, div").first.bounding_box(), reader.card().bounding_box()
    assert bar and card
    assert card["y"] + card["height"] <= bar["y"]
    assert page.evaluate("self.shifts") == []
    page.locator("button, div").first.evaluate("(node) => node.remove()")
    wait_until_true(
        page, "document.querySelector('tilfreds-rating').getBoundingClientRect().bottom == innerHeight - 16"
    )
    assert page.evaluate("self.shifts") == []


@pytest.mark.parametrize("width", [1000, 360])
def test_follow_up_questions_move_nothing_after_a_late_receipt(reader: Reader, width: int) -> None:
    page = reader.page
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(MEASURE)
    reader.make.survey(reader.site, "article", **SAMPLE_QUESTIONS)
    reader.open(f"<meta name=viewport content='width=device-width'><style>{reserve_line()}</style>{RATING}{BELOW}")
    reader.answers("votes", answer_late)
    question = reader.card().locator("[part=further]")
    for word in ("Bad", "Good", "OK"):
        reader.press(word)
        reader.says("✓ Saved.")
        expect(question).to_be_visible()
    while question.count():
        reader.card().locator("[part=next]").click()
        page.wait_for_timeout(LATE_SECONDS * 1000)
    reader.received()
    page.wait_for_timeout(LATE_SECONDS * 1000)
    assert page.evaluate("self.shifts") == []
