"""The pages of second factors in a browser: without script, accessible, and no wider than a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.back_end import done
from tests.console.factors import AuthenticatorApp
from tests.factories import Make
from tests.serving import Product

from .accessibility import SCHEMES, turn, violations
from .conftest import NewPage

PASSWORD = "violet harbour ladder nine"
CONSOLE = re.compile("/console/(?!sign-in|set-password)")


class Served(Protocol):
    """A server with its address and factories."""

    @property
    def url(self) -> str: ...

    @property
    def make(self) -> Make: ...


def invite(product: Served) -> tuple[str, str]:
    """Return the address of a new owner, and the link that sets the password."""
    email = f"{uuid4().hex[:8]}@shop.example"
    invited = done(product.make.operator().post("/users", {"email": email, "role": "owner"}))
    return email, invited["link"]


def join(page: Page, product: Served) -> str:
    """Sign a new owner in, and return the e-mail address."""
    email, link = invite(product)
    address, _, code = link.partition("#")
    answer = page.request.post(address, form={"code": code, "password": PASSWORD}, max_redirects=0)
    assert answer.status == 303, answer.text()
    return email


def add_app(page: Page, product: Product) -> AuthenticatorApp:
    """Add an authenticator app through its page, which then shows the recovery codes."""
    page.goto(f"{product.url}/console/profile")
    page.get_by_role("link", name="Add an authenticator app").click()
    page.get_by_text("No camera?").click()
    app = AuthenticatorApp("".join(page.locator("details pre").inner_text().split()))
    page.get_by_label("Code", exact=False).last.fill(app.code())
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    return app


def send_password(page: Page, product: Served, email: str) -> None:
    page.goto(f"{product.url}/console/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


@contextmanager
def download_of(page: Page) -> Iterator[list[str]]:
    """Yield the lines of the file that the block downloads, once it has ended."""
    lines: list[str] = []
    with page.expect_download() as download:
        yield lines
    lines += download.value.path().read_text().split()


@pytest.mark.slow
def test_everything_works_without_script(product: Product, new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    email = join(page, product)
    app = add_app(page, product)
    with download_of(page) as downloaded_codes:
        page.get_by_role("link", name="Download").click()
    codes = page.locator("pre").inner_text().split()
    assert downloaded_codes == codes and len(codes) == 10

    for code in (app.code(1), codes[0]):
        visitor = new_page(java_script_enabled=False)
        send_password(visitor, product, email)
        visitor.get_by_label("Code").fill(code)
        visitor.get_by_role("button", name="Sign in").click()
        visitor.wait_for_url(CONSOLE)
    page.goto(f"{product.url}/console/profile")
    expect(page.get_by_text("9 unused")).to_be_visible()


@pytest.mark.slow
def test_the_pages_are_accessible_and_fit_a_phone(
    product: Product, new_page: NewPage, subtests: pytest.Subtests
) -> None:
    # The policy of the page would keep the checker out, too.
    page = new_page(bypass_csp=True, permissions=["clipboard-read", "clipboard-write"])
    email = join(page, product)
    page.goto(f"{product.url}/console/profile/authenticator-apps/new")
    page.get_by_text("No camera?").click()
    check(page, "set-up", subtests)
    add_app(page, product)
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("pre").text_content()
    check(page, "codes", subtests)
    page.get_by_role("link", name="I have stored them").click()
    check(page, "profile", subtests)

    visitor = new_page(bypass_csp=True)
    send_password(visitor, product, email)
    expect(visitor.get_by_label("Code")).to_be_focused()
    check(visitor, "second step", subtests)


def check(page: Page, name: str, subtests: pytest.Subtests) -> None:
    for scheme in SCHEMES:
        with subtests.test(page=name, scheme=scheme):
            turn(page, scheme)
            assert violations(page) == []
    for width in (320, 1180):
        page.set_viewport_size({"width": width, "height": 800})
        for direction in ("ltr", "rtl"):
            page.evaluate("(direction) => { document.documentElement.dir = direction }", direction)
            with subtests.test(page=name, width=width, direction=direction):
                assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.evaluate("document.documentElement.removeAttribute('dir')")


@pytest.mark.slow
def test_the_page_that_asks_again_is_accessible(product: Product, new_page: NewPage, subtests: pytest.Subtests) -> None:
    page = new_page(bypass_csp=True)
    join(page, product)
    add_app(page, product)
    page.goto(f"{product.url}/console/confirm")
    expect(page.get_by_label("Password")).to_be_focused()
    check(page, "confirmation", subtests)
