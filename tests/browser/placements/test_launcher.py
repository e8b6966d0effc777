"""The survey of a vendor's chat: at its launcher, or in its panel."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.back_end import done
from tests.browser.conftest import NewPage
from tests.browser.waiting import wait_until_true
from tests.browser.widget.reader import Reader
from tests.long_cases import long

LAUNCHER = (
    "<button id=launcher style='position: fixed; bottom: 20px; right: 20px; width: 60px; height: 60px'>Chat</button>"
)
WINDOW = "<iframe id=window title=Chat style='position: fixed; {}' srcdoc='Hello'></iframe>"
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 640}
LOOKS_MS = 1_300


def wants(reader: Reader, placement: dict[str, Any]) -> None:
    done(reader.make.back_end(reader.site).patch("/site", {"placement": placement}))


def card(page: Page) -> Locator:
    return page.locator("tilfreds-rating[kind=conversation] [part=card]")


def end(page: Page, **detail: Any) -> None:
    wait_until_true(page, "self.tilfreds && document.querySelector('tilfreds-rating')")
    assert page.evaluate("(detail) => tilfreds.ended(detail)", {"conversation": "c1", **detail})["asked"] is True


def apart(one: Locator, other: Locator) -> bool:
    a, b = one.bounding_box(), other.bounding_box()
    assert a and b
    beside = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
    return beside or a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]


@pytest.mark.parametrize(
    ("where", "viewport"),
    [("above", DESK), ("beside", DESK), ("beside", PHONE), long(("above", PHONE))],
    ids=["above, desk", "beside, desk", "beside, phone", "above, phone"],
)
def test_the_survey_appears_at_the_launcher_and_does_not_cover_it(
    reader: Reader, new_page: NewPage, where: str, viewport: Any
) -> None:
    wants(reader, {"launcher": {"where": where}})
    page = new_page(viewport=viewport)
    page.goto(reader.pages.put(f"<p>A shop</p>{LAUNCHER}{reader.tag}"))
    expect(card(page)).to_have_count(0)
    end(page)
    expect(card(page)).to_be_visible()
    launcher = page.locator("#launcher")
    assert apart(card(page), launcher)
    box, button = card(page).bounding_box(), launcher.bounding_box()
    assert box and button
    above = where == "above" or viewport == PHONE
    assert (box["y"] + box["height"] <= button["y"]) == above
    assert box["x"] >= 8 and box["x"] + box["width"] <= viewport["width"] - 8

    page.locator("#launcher").focus()
    card(page).get_by_role("group").get_by_role("button", name="Good").click()
    expect(card(page)).to_contain_text("Saved")
    page.keyboard.press("Escape")
    expect(card(page)).to_have_count(0)
    expect(launcher).to_be_focused()
    (vote,) = reader.votes()
    assert vote["answer"]["word"] == "Good"


def test_the_survey_appears_beside_an_open_chat(reader: Reader, new_page: NewPage) -> None:
    wants(reader, {"launcher": {}})
    page = new_page(viewport=DESK)
    window = WINDOW.format("bottom: 90px; right: 20px; width: 370px; height: 500px")
    page.goto(reader.pages.put(f"<p>A shop</p>{LAUNCHER}{window}{reader.tag}"))
    end(page)
    expect(card(page)).to_be_visible()
    assert apart(card(page), page.locator("#window"))
    page.evaluate("document.querySelector('#window').remove()")
    # It moves back.
    wait_until_true(page, "document.querySelector('tilfreds-rating').getBoundingClientRect().right > 1200")


def test_on_a_phone_it_waits_until_the_chat_is_closed(reader: Reader, new_page: NewPage) -> None:
    wants(reader, {"launcher": {}})
    page = new_page(viewport=PHONE)
    page.goto(
        reader.pages.put(f"<p>A shop</p>{LAUNCHER}{WINDOW.format('inset: 0; width: 100%; height: 100%')}{reader.tag}")
    )
    end(page)
    page.wait_for_timeout(LOOKS_MS)
    expect(card(page)).to_be_hidden()
    page.evaluate("document.querySelector('#window').remove()")
    expect(card(page)).to_be_visible()


def test_a_page_that_names_a_target_has_the_survey_there(reader: Reader, new_page: NewPage) -> None:
    wants(reader, {"launcher": {}})
    page = new_page()
    page.goto(reader.pages.put(f"<div id=log></div>{LAUNCHER}{reader.tag}"))
    end(page, target="#log")
    expect(page.locator("#log > tilfreds-rating [part=card]")).to_be_visible()
    page.wait_for_timeout(LOOKS_MS)
    expect(page.locator("tilfreds-rating")).to_have_count(1)


def test_the_survey_goes_into_the_panel_whenever_the_page_draws_it(reader: Reader) -> None:
    wants(reader, {"panel": "#chat .log"})
    reader.open("<div id=chat></div>", tag=reader.tag)
    draw = "document.querySelector('#chat').innerHTML = '<div class=log><p>Hello</p></div>'"
    reader.page.evaluate(draw)
    expect(reader.page.locator("#chat .log > tilfreds-rating")).to_have_count(1)
    end(reader.page)
    expect(card(reader.page)).to_be_visible()
    # Closing and opening the panel draws it again.
    reader.page.evaluate(draw)
    expect(card(reader.page)).to_be_visible()
    reader.press("Bad")
    reader.says("Saved")
    expect(reader.page.locator("tilfreds-rating")).to_have_count(1)
