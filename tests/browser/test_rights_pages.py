"""The pages of people's rights in a browser: accessible in both schemes, and no wider than a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.back_end import done
from tests.serving import Product

from .agent import Desk
from .conftest import NewPage
from .test_factor_pages import PASSWORD, check, join


def join_as_agent(page: Page, product: Product, desk: Desk) -> None:
    """Sign in a person who has the role agent at the site of the desk."""
    invitation = {"email": "ann@shop.example", "role": "agent", "site": desk.site.key, "agent": "ann"}
    address, _, code = done(product.make.operator().post("/users", invitation))["link"].partition("#")
    answer = page.request.post(address, form={"code": code, "password": PASSWORD}, max_redirects=0)
    assert answer.status == 303, answer.text()


@pytest.mark.slow
def test_an_agents_ratings_are_accessible_and_fit_a_phone(
    product: Product, new_page: NewPage, desk: Desk, subtests: pytest.Subtests
) -> None:
    product.make.agent(desk.site, "ann", "Ann Andersen", team="North")
    for score, comment in ((3, "Quick and kind."), (1, "I had to explain my order three times. " * 6), (2, "")):
        talk = desk.talk(title="Order 4411")
        talk.say("visitor", "Where is my parcel?")
        talk.say("agent", "It arrives tomorrow before noon, and you can follow it with the link below.", agent="ann")
        talk.vote(talk.ask(), score, **({"comment": comment} if comment else {}))
    page = new_page(bypass_csp=True)
    join_as_agent(page, product, desk)
    page.goto(f"{product.url}/console/{desk.site.key}/")
    check(page, "my ratings", subtests)


@pytest.mark.slow
def test_users_and_teams_are_accessible_and_fit_a_phone(
    product: Product, new_page: NewPage, desk: Desk, subtests: pytest.Subtests
) -> None:
    operator = product.make.operator()
    ben = done(operator.post("/users", {"email": "ben.with.a.long.name@shop.example", "role": "analyst"}))["id"]
    team = done(operator.post("/teams", {"name": "Support of the evening shift"}))["id"]
    done(operator.put(f"/teams/{team}/members/{ben}"))
    done(operator.put(f"/teams/{team}/role", {"role": "admin", "site": desk.site.key}))
    page = new_page(bypass_csp=True)
    join(page, product)
    for path in ("users", "teams"):
        page.goto(f"{product.url}/console/{path}")
        page.locator(".entries details").last.locator("summary").click()
        check(page, path, subtests)


@pytest.mark.slow
def test_the_switcher_is_accessible_and_fits_a_phone(
    product: Product, new_page: NewPage, desk: Desk, subtests: pytest.Subtests
) -> None:
    for number in range(14):
        product.make.site(name=f"Shop {number:02} for things with a long name")
    page = new_page(bypass_csp=True)
    join(page, product)
    for name, path in (("site", f"{desk.site.key}/articles"), ("sites", "sites")):
        page.goto(f"{product.url}/console/{path}")
        page.locator("details.switcher summary").click()
        check(page, f"switcher of {name}", subtests)
    page.goto(f"{product.url}/console/profile")
    page.locator("details.switcher summary").click()
    page.get_by_role("searchbox", name="Search sites").fill("shop 13")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sites?q=shop+13")
    names = page.locator(".figures .figure h2").all_inner_texts()
    assert names and all("13" in name for name in names)


@pytest.mark.slow
def test_keys_are_accessible_and_fit_a_phone(
    product: Product, new_page: NewPage, desk: Desk, subtests: pytest.Subtests
) -> None:
    page = new_page(bypass_csp=True)
    join(page, product)
    address = f"{product.url}/console/{desk.site.key}/settings/keys"
    page.goto(address)
    page.get_by_label("Name").fill("Nightly export of the data warehouse")
    page.get_by_role("button", name="Create key").click()
    page.get_by_text("It is not shown again.").wait_for()
    page.locator(".entries details summary").first.click()
    check(page, "new key", subtests)
    page.goto(address)
    page.get_by_role("button", name="Rotate secret").click()
    page.get_by_text("It is not shown again.").wait_for()
    check(page, "new secret", subtests)
