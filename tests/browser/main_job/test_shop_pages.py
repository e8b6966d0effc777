"""The shop's pages are accessible, on a phone and in dark mode."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import SCHEMES, turn, violations
from tests.browser.conftest import NewPage
from tests.browser.main_job.conftest import OpenShop
from tests.browser.main_job.krans import Faces, Krans, Visitor
from tests.browser.waiting import wait_until_true
from tests.browser.watch import Watch, failed
from tests.factories import MadeSite
from tests.serving import Product

PATHS = ["/", "/shop", "/help/slipping-chain", "/one-line"]
PHONE = {"width": 360, "height": 740}


def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(
    new_page: NewPage, krans: Krans, subtests: pytest.Subtests
) -> None:
    # Axe is added to the page as a script, which the shop's policy would block.
    page = new_page(viewport=PHONE, bypass_csp=True)
    for path in PATHS:
        page.goto(krans.url + path)
        for scheme in SCHEMES:
            with subtests.test(path=path, scheme=scheme):
                turn(page, scheme)
                assert violations(page) == []
                assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_axe_finds_nothing_in_a_chat_that_has_ended(new_page: NewPage, krans: Krans, subtests: pytest.Subtests) -> None:
    visitor = Visitor(new_page(bypass_csp=True)).open(krans)
    visitor.chat("My chain slips")
    visitor.press("Bad")
    visitor.saved()
    for scheme in SCHEMES:
        with subtests.test(scheme=scheme):
            turn(visitor.page, scheme)
            assert violations(visitor.page) == []


def test_the_line_of_the_front_page_is_copied(
    new_page: NewPage, krans: Krans, product: Product, site: MadeSite
) -> None:
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(krans.url)
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f'<script async src="{product.url}/w/{site.key}.js"></script>')


def test_a_running_chat_is_there_after_a_reload(new_page: NewPage, krans: Krans) -> None:
    visitor = Visitor(new_page()).open(krans)
    visitor.write("My chain slips")
    visitor.page.reload()
    expect(visitor.page.locator("#messages .visitor p")).to_have_text(["My chain slips"])
    visitor.end()
    expect(visitor.face("Good")).to_be_visible()


def test_a_new_chat_starts_empty(new_page: NewPage, krans: Krans) -> None:
    visitor = Visitor(new_page()).open(krans)
    first = visitor.chat("My chain slips")
    visitor.page.click("#fresh")
    expect(visitor.page.locator("#hint")).to_be_visible()
    expect(visitor.face("Good")).to_have_count(0)
    assert visitor.chat("My brakes squeal") != first
    expect(visitor.face("Good")).to_be_visible()


def test_a_shop_that_forgot_the_chat_starts_a_new_one(new_page: NewPage, krans: Krans, watch: Watch) -> None:
    watch.expect(failed("/chats/chat-forgotten", "404"))
    page = new_page()
    page.goto(krans.url + "/shop")
    page.evaluate("sessionStorage.setItem('chat', JSON.stringify({ conversation: 'chat-forgotten' }))")
    page.reload()
    # The shop reloads the page by itself after a while.
    wait_until_true(page, "sessionStorage.getItem('chat') === null")
    expect(page.locator("#hint")).to_be_visible()


def test_the_agent_is_seen_writing(new_page: NewPage, open_shop: OpenShop) -> None:
    visitor = Visitor(new_page()).open(open_shop(pace=0.5))
    visitor.page.fill("#text", "My chain slips")
    visitor.page.press("#text", "Enter")
    expect(visitor.page.locator("#writing")).to_be_visible()
    expect(visitor.page.locator("#messages .agent")).to_have_count(1)
    expect(visitor.page.locator("#writing")).to_be_hidden()


def test_nothing_is_kept_in_the_browser_before_a_press(new_page: NewPage, krans: Krans) -> None:
    reader = Faces(new_page())
    reader.page.goto(krans.url + "/help/slipping-chain")
    expect(reader.face("Good")).to_be_visible()
    assert reader.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
