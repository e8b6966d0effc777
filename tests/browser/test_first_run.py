"""The first two minutes on a new server: from the link that it prints to the first rating."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.serving import Product, running

from .accessibility import check_page
from .conftest import NewPage
from .first_run import EMAIL, PASSWORD, Person, play, set_up_link
from .pages import Pages
from .watch import Watch

MAX_ACTIONS = 12
CLIPBOARD = ["clipboard-read", "clipboard-write"]

pytestmark = pytest.mark.slow


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Product]:
    with running(tmp_path / "new") as product:
        yield product


@pytest.fixture
def pages() -> Iterator[Pages]:
    website = Pages()
    yield website
    website.end()


def test_a_person_is_live_in_at_most_twelve_actions(
    new_server: Product, new_page: NewPage, pages: Pages, subtests: pytest.Subtests
) -> None:
    console = new_page(permissions=CLIPBOARD, timezone_id="Europe/Copenhagen", bypass_csp=True)
    link = set_up_link(new_server)
    console.goto(link)
    assert console.url == link.partition("#")[0], "the code must not stay in the history"
    expect(console.get_by_label("Time zone")).to_have_value("Europe/Copenhagen")
    check_page(console, subtests, "set up")
    person = Person(console, new_page(), pages)

    play(person, link)

    assert len(person.actions) <= MAX_ACTIONS, person.actions
    for name in ("install", "install?guide=mkdocs-material", "install?chat=crisp"):
        console.goto(f"{new_server.url}/console/")
        console.goto(f"{console.url.rpartition('/')[0]}/{name}")
        check_page(console, subtests, name)
    console.locator(".switcher summary").click()
    console.locator(".switcher").get_by_role("link", name="Add a site").click()
    check_page(console, subtests, "add a site")


def test_everything_works_without_script(new_server: Product, new_page: NewPage, watch: Watch) -> None:
    watch.expect(r"422 .*/console/set-up")
    page = new_page(java_script_enabled=False)
    link = set_up_link(new_server)
    page.goto(link)
    page.get_by_label("Link or code").fill(link)
    page.locator("[name=email]").fill(EMAIL)
    page.locator("[name=password]").fill("password1234")
    page.get_by_label("Address of your website").fill("shop.example")
    page.get_by_role("button", name="Create account and site").click()
    expect(page.locator("[name=email]")).to_have_value(EMAIL)
    expect(page.get_by_label("Address of your website")).to_have_value("shop.example")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Create account and site").click()
    page.get_by_role("link", name="MkDocs Material").click()
    page.get_by_role("button", name="Use layout mkdocs-material").click()
    expect(page.get_by_role("button", name="Layout mkdocs-material is on")).to_be_disabled()
    page.get_by_role("link", name="My site uses a chat").click()
    page.get_by_role("link", name="Crisp").click()
    page.get_by_role("button", name="Listen to Crisp").click()
    expect(page.get_by_role("button", name="Turn off")).to_be_visible()
