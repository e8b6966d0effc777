"""The pop-over: late enough, never in the way, never twice."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.back_end import done
from tests.browser.conftest import NewPage
from tests.browser.waiting import wait_until_true
from tests.browser.widget.reader import MEASURE, RATING, Reader

LONG = '<p style="height: 4000px">Long</p>'
#: Longer than the pop-over takes to look at the page again.
LOOKS_MS = 1_300
CHAT_WINDOW = "position: fixed; bottom: 90px; right: 20px; width: 370px; height: 400px"


def popover(page: Page) -> Locator:
    return page.locator("[role=complementary] > tilfreds-rating [part=card]")


def wants(reader: Reader, **options: Any) -> Reader:
    """Give the site a pop-over, which by default appears at once."""
    options = {"delay_seconds": 0, "scroll_percent": 0, **options}
    done(reader.make.back_end(reader.site).patch("/site", {"placement": {"popover": options}}))
    return reader


def stays_away(page: Page) -> None:
    page.wait_for_timeout(LOOKS_MS)
    expect(popover(page)).to_be_hidden()


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id || document.activeElement.tagName")


def test_it_comes_once_the_reader_stayed_and_read_and_takes_nothing_away(reader: Reader) -> None:
    reader.page.add_init_script(MEASURE)
    wants(reader, delay_seconds=1, scroll_percent=60).open(f"<input id=search>{LONG}")
    reader.page.focus("#search")
    stays_away(reader.page)
    reader.page.evaluate("scrollTo(0, 1e9)")
    expect(popover(reader.page)).to_be_visible()
    assert focused(reader.page) == "search"
    assert reader.page.evaluate("self.shift") == 0
    expect(reader.page.locator("[role=complementary]")).to_have_attribute("aria-label", "How was this article?")

    # By keyboard alone: to its first button and the faces after it, and back where the reader was.
    for _ in range(2):
        reader.page.keyboard.press("Tab")
    reader.page.keyboard.press("Enter")
    reader.says("Saved")
    reader.page.keyboard.press("Escape")
    expect(popover(reader.page)).to_be_hidden()
    assert focused(reader.page) == "search"
    assert [vote["subject"] for vote in reader.votes()] == [reader.path]

    # Who answered is left alone, on this page and on others.
    reader.page.reload()
    stays_away(reader.page)
    reader.open(LONG)
    stays_away(reader.page)


@pytest.mark.parametrize("way", ["Escape", "button"])
def test_who_puts_it_away_does_not_see_it_on_the_next_page(reader: Reader, way: str) -> None:
    wants(reader).open(LONG)
    expect(popover(reader.page)).to_be_visible()
    with reader.page.expect_response("**/dismissed"):
        if way == "Escape":
            reader.page.keyboard.press("Escape")
        else:
            popover(reader.page).get_by_role("button", name="Not now").click()
    expect(popover(reader.page)).to_be_hidden()
    reader.open(LONG)
    stays_away(reader.page)
    assert len(reader.of("dismissed")) == len(reader.of("seen")) == 1
    # Two days later.
    reader.page.evaluate("localStorage['tilfreds:popover'] = Date.now() - 1")
    reader.page.reload()
    expect(popover(reader.page)).to_be_visible()


def test_escape_in_a_field_of_the_page_is_the_fields_own(reader: Reader) -> None:
    wants(reader).open(f"<input id=search>{LONG}")
    expect(popover(reader.page)).to_be_visible()
    reader.page.focus("#search")
    reader.page.keyboard.press("Escape")
    reader.page.wait_for_timeout(300)
    expect(popover(reader.page)).to_be_visible()


def test_it_is_never_over_an_open_chat(reader: Reader) -> None:
    chat = f"<iframe id=chat title=Chat style='{CHAT_WINDOW}' srcdoc='Hello'></iframe>"
    wants(reader, side="end").open(LONG + chat)
    stays_away(reader.page)
    assert reader.of("seen") == []
    reader.page.evaluate("self.chat = document.querySelector('#chat'); chat.hidden = true")
    expect(popover(reader.page)).to_be_visible()
    reader.page.evaluate("chat.hidden = false")
    expect(popover(reader.page)).to_be_hidden()
    reader.page.evaluate("chat.hidden = true")
    expect(popover(reader.page)).to_be_visible()
    # The chat starts: its own faces come at its end, the page's question goes.
    reader.page.evaluate(
        "document.dispatchEvent(new CustomEvent('tilfreds:start', { detail: { conversation: 'c1' } }))"
    )
    expect(popover(reader.page)).to_have_count(0)
    reader.page.evaluate("history.pushState(null, '', '/later')")
    stays_away(reader.page)


def test_a_chat_in_the_shadow_of_an_element_counts_too(reader: Reader) -> None:
    draw = f"this.attachShadow({{ mode: 'open' }}).innerHTML = `<div style='{CHAT_WINDOW}'>Hello</div>`"
    chat_class = f"class extends HTMLElement {{ connectedCallback() {{ {draw} }} }}"
    element = f"<script>customElements.define('a-chat', {chat_class})</script>"
    wants(reader, side="end").open(f"{LONG}<a-chat></a-chat>{element}")
    stays_away(reader.page)
    reader.page.evaluate("document.querySelector('a-chat').remove()")
    expect(popover(reader.page)).to_be_visible()


def test_a_page_that_lies_in_a_fixed_frame_is_no_chat(reader: Reader) -> None:
    wants(reader).open("<div style='position: fixed; inset: 0; overflow: auto'><p>An application</p></div>")
    expect(popover(reader.page)).to_be_visible()


def test_a_page_with_faces_of_its_own_needs_none(reader: Reader) -> None:
    wants(reader).open(RATING + LONG)
    stays_away(reader.page)
    expect(reader.page.locator("tilfreds-rating")).to_have_count(1)


def test_it_goes_with_its_page_and_an_answer_stays_with_its_own(reader: Reader) -> None:
    first = wants(reader).open(LONG).path
    expect(popover(reader.page)).to_be_visible()
    reader.press("Bad")
    reader.says("Saved")
    reader.page.evaluate("history.pushState(null, '', '/other')")
    reader.page.wait_for_timeout(LOOKS_MS)
    reader.says("Saved")
    assert [vote["subject"] for vote in reader.votes()] == [first]

    reader.page.evaluate("localStorage.clear()")
    reader.open(LONG)
    expect(popover(reader.page)).to_be_visible()
    reader.page.evaluate("history.pushState(null, '', '/third')")
    expect(popover(reader.page)).to_have_count(0)
    stays_away(reader.page)


def test_on_a_phone_it_fits_and_nothing_moves_for_who_wants_no_motion(reader: Reader, new_page: NewPage) -> None:
    wants(reader)
    page = new_page(viewport={"width": 320, "height": 568}, reduced_motion="reduce")
    launcher = "<button style='position: fixed; bottom: 20px; right: 20px; width: 60px; height: 60px'>Chat</button>"
    page.goto(reader.pages.put(f"{LONG}{launcher}{reader.tag}"))
    # Above the launcher of a chat, which it may not cover.
    expect(popover(page)).to_be_visible()
    assert (
        page.locator("[role=complementary]").evaluate("(node) => innerHeight - node.getBoundingClientRect().bottom")
        == 92
    )
    page.locator("button", has_text="Chat").evaluate("(node) => node.remove()")
    wait_until_true(
        page, "innerHeight - document.querySelector('[role=complementary]').getBoundingClientRect().bottom == 8"
    )
    box = page.locator("[role=complementary]").bounding_box()
    assert box is not None
    assert (box["x"], box["x"] + box["width"]) == (8, 312)
    assert box["y"] + box["height"] <= 568
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert page.locator("[role=complementary]").evaluate("(node) => getComputedStyle(node).animationName") == "none"
