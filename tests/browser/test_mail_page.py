"""The page of the mail server in a browser: without script, accessible, and no wider than a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.serving import Product

from .conftest import NewPage
from .test_factor_pages import check, join
from .watch import Watch

#: A refused form has a status that the browser reports.
REFUSED_FORM = "422 "


def set_unknown_server(page: Page) -> None:
    page.get_by_label("Host").fill("mail.invalid")
    page.get_by_label("Sender").fill("Ratings <ratings@shop.example>")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Send test mail").click()
    expect(page.get_by_role("alert")).to_contain_text("mail.invalid cannot be resolved")


@pytest.mark.slow
def test_the_mail_server_is_set_without_script(product: Product, new_page: NewPage, watch: Watch) -> None:
    watch.expect(REFUSED_FORM)
    page = new_page(java_script_enabled=False)
    join(page, product)
    page.goto(f"{product.url}/console/profile")
    page.get_by_role("link", name="Mail", exact=True).click()
    set_unknown_server(page)
    page.get_by_role("button", name="Remove mail server").click()
    expect(page.get_by_role("button", name="Send test mail")).to_have_count(0)


@pytest.mark.slow
def test_the_page_is_accessible_and_fits_a_phone(
    product: Product, new_page: NewPage, watch: Watch, subtests: pytest.Subtests
) -> None:
    watch.expect(REFUSED_FORM)
    page = new_page(bypass_csp=True)
    join(page, product)
    page.goto(f"{product.url}/console/mail")
    set_unknown_server(page)
    check(page, "mail", subtests)

    person = new_page(bypass_csp=True)
    person.goto(f"{product.url}/console/sign-in")
    person.get_by_role("link", name="Forgot password?").click()
    check(person, "forgotten", subtests)
    person.get_by_label("E-mail").fill("unknown@shop.example")
    person.get_by_role("button", name="Send link").click()
    expect(person.get_by_role("status")).to_contain_text("unknown@shop.example")
    check(person, "requested", subtests)

    # Other tests share the server, which would else try to send mails.
    page.get_by_role("button", name="Remove mail server").click()
    expect(page.get_by_role("button", name="Send test mail")).to_have_count(0)
