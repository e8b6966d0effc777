"""Single sign-on in a browser: at a real provider, with and without script, under the strict policy of the pages."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import oidc_provider_mock  # type: ignore[import-untyped]
import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.watch import Watch
from widget_server.accounts.oidc import provider as providers

from .conftest import NewPage
from .test_factor_pages import check, join
from .test_passkeys import NamedServer, server

__all__ = ["server"]

#: The page of the provider loads it from another host.
STYLE_OF_PROVIDER = r"ERR_NAME_NOT_RESOLVED .*pico\.min\.css"

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")]


@pytest.fixture
def issuer(app: Flask) -> Iterator[str]:
    """Yield the issuer of a real provider, which the server may reach."""
    app.config["TILFREDS"] = dataclasses.replace(app.config["TILFREDS"], allowed_internal_hosts=("localhost",))
    claims = {"email": "bea@shop.example", "email_verified": True, "name": "Bea", "groups": ["staff", "support team"]}
    providers.forget_providers()
    bea = oidc_provider_mock.User(sub="bea", claims=claims)
    with oidc_provider_mock.run_server_in_thread(user_claims=[bea]) as provider:
        yield f"http://localhost:{provider.server_port}"


def set_up(page: Page, server: NamedServer, issuer: str) -> None:
    """Set up the provider as an owner does, without script."""
    page.goto(f"{server.url}/console/profile")
    page.get_by_role("link", name="Single sign-on").click()
    page.locator("[name=name]").fill("Shop ID")
    page.locator("[name=issuer]").fill(issuer)
    page.locator("[name=client_id]").fill("tilfreds")
    page.locator("[name=client_secret]").fill("a secret")
    page.locator("[name=groups_claim]").fill("groups")
    group = page.get_by_role("group", name="Group 1")
    group.get_by_label("Group").fill("staff")
    group.get_by_label("Role").select_option("Admin")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Test connection")).to_be_visible()


def test_a_person_signs_in_without_script(server: NamedServer, issuer: str, new_page: NewPage, watch: Watch) -> None:
    watch.expect(STYLE_OF_PROVIDER)
    owner = new_page(java_script_enabled=False)
    join(owner, server)
    set_up(owner, server, issuer)
    person = new_page(java_script_enabled=False)
    person.goto(f"{server.url}/console/sign-in")
    person.get_by_role("link", name="Sign in with Shop ID").click()
    person.get_by_role("button", name="bea").click()
    person.get_by_role("button", name="Continue").click()
    person.goto(f"{server.url}/console/profile")
    expect(person.get_by_text("bea@shop.example").first).to_be_visible()


def test_the_pages_are_accessible_and_the_answer_is_sent_by_a_script(
    server: NamedServer, issuer: str, new_page: NewPage, watch: Watch, subtests: pytest.Subtests
) -> None:
    watch.expect(STYLE_OF_PROVIDER)
    owner = new_page()
    join(owner, server)
    set_up(owner, server, issuer)
    owner.get_by_role("link", name="Test connection").click()
    owner.get_by_role("button", name="bea").click()
    expect(owner.get_by_role("status")).to_contain_text("would create the account")
    expect(owner.get_by_text("staff, support team")).to_be_visible()
    assert "code=" not in owner.url
    owner.go_back()
    assert "code=" not in owner.url, "the code must not stay in the history"

    person = new_page(bypass_csp=True)
    person.goto(f"{server.url}/console/sign-in?next=/console/profile")
    check(person, "sign-in", subtests)
    person.get_by_role("link", name="Sign in with Shop ID").click()
    person.get_by_role("button", name="bea").click()
    expect(person).to_have_url(f"{server.url}/console/profile")

    checked = new_page(bypass_csp=True)
    join(checked, server)
    checked.goto(f"{server.url}/console/single-sign-on")
    checked.get_by_role("link", name="Test connection").click()
    checked.get_by_role("button", name="bea").click()
    expect(checked.get_by_role("status")).to_be_visible()
    check(checked, "single sign-on", subtests)
