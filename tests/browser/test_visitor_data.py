"""The page of a visitor's rating in a browser: without script, accessible, and no wider than a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.widget.conftest import press_id

from .accessibility import SCHEMES, turn, violations
from .agent import Desk
from .watch import Watch

pytestmark = pytest.mark.slow
ARTICLE = {"kind": "article", "subject": "/a"}


@pytest.fixture
def link(desk: Desk) -> str:
    """Return the address of the page of a rating with a long comment."""
    widget, id = desk.readers, press_id()
    vote = widget.vote(ARTICLE, 1, id=id, comment="Late. " * 60, page="https://shop.example/a").get_json()["vote"]
    address: str = widget.post("data", {"vote": vote, "id": id}).get_json()["page"]
    return address


def check_page(page: Page, subtests: pytest.Subtests, state: str) -> None:
    for scheme in SCHEMES:
        for direction in ("ltr", "rtl"):
            with subtests.test(state=state, scheme=scheme, direction=direction):
                turn(page, scheme)
                page.evaluate("dir => { document.documentElement.dir = dir }", direction)
                for width in (320, 390, 1280):
                    page.set_viewport_size({"width": width, "height": 800})
                    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
                assert violations(page) == []


def test_every_state_is_accessible_and_fits_a_phone(
    new_page: Callable[..., Page], link: str, watch: Watch, subtests: pytest.Subtests
) -> None:
    watch.expect("403 .*/survey/.*x/data")
    page = new_page(bypass_csp=True)
    for state, path in (("form", link), ("refused", f"{link}?refused=1"), ("invalid", link.replace("/data", "x/data"))):
        page.goto(path)
        check_page(page, subtests, state)
    page.goto(link)
    page.get_by_role("button", name="Erase what I wrote").click()
    expect(page.get_by_role("status")).to_contain_text("was erased")
    check_page(page, subtests, "erased")


def test_the_comment_is_changed_without_script(new_page: Callable[..., Page], link: str) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(link)
    page.get_by_label("Comment").fill("Better now")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Comment")).to_have_value("Better now")
