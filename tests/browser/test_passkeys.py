"""Passkeys with Chromium's virtual authenticator, under the strict policy of the pages."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.watch import Watch
from tests.factories import Make
from tests.serving import HttpClient, Product, listening

from .conftest import NewPage
from .test_factor_pages import CONSOLE, check, join, send_password


@dataclass(frozen=True)
class NamedServer:
    """An application of this process whose address has a name: browsers accept no IP address for passkeys."""

    url: str
    make: Make


@pytest.fixture
def server(app: Flask) -> Iterator[NamedServer]:
    with listening(app) as url:
        named_url = url.replace("127.0.0.1", "localhost")
        app.config["TILFREDS"] = dataclasses.replace(app.config["TILFREDS"], public_url=named_url)
        app.config["PUBLIC_URL"] = named_url
        client: Any = HttpClient(url)
        yield NamedServer(named_url, Make(client, app.config["SECRET_KEYS"]))


class Authenticator:
    """A virtual authenticator in a page, with a fingerprint that fits or not."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        self.id = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def credentials(self) -> list[dict[str, Any]]:
        answer = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(answer["credentials"])

    def insert(self, credential: dict[str, Any]) -> None:
        self.session.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": credential})

    def set_verified(self, is_verified: bool) -> None:
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": is_verified})


def add_passkey(page: Page, server: NamedServer) -> None:
    page.goto(f"{server.url}/console/profile")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()


@pytest.mark.slow
def test_a_passkey_is_added_and_signs_in(server: NamedServer, new_page: NewPage, watch: Watch) -> None:
    watch.expect(r"status of 401 .*/console/\)$")
    page = new_page()
    email = join(page, server)
    authenticator = Authenticator(page)
    add_passkey(page, server)
    [credential] = authenticator.credentials()
    assert credential["isResidentCredential"] and credential["rpId"] == "localhost"

    page.get_by_role("link", name="I have stored them").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{server.url}/console/sign-in?next=/console/profile")
    authenticator.set_verified(False)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("The browser gave no passkey")).to_be_visible()
    authenticator.set_verified(True)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/console/profile")
    expect(page.get_by_text("Laptop", exact=True)).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    send_password(page, server, email)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(CONSOLE)


@pytest.mark.slow
def test_a_copied_passkey_is_refused(server: NamedServer, new_page: NewPage, watch: Watch) -> None:
    watch.expect(r"status of 401 .*/sign-in/passkey\)$")
    page, thief = new_page(), new_page()
    join(page, server)
    original = Authenticator(page)
    add_passkey(page, server)
    copy = Authenticator(thief)
    copy.insert(original.credentials()[0])
    for one in (page, page, thief):
        one.goto(f"{server.url}/console/sign-in")
        one.get_by_role("button", name="Sign in with a passkey").click()
        if one is page:
            one.wait_for_url(CONSOLE)
    expect(thief.get_by_text("This passkey was not accepted")).to_be_visible()


@pytest.mark.slow
def test_the_pages_of_passkeys_are_accessible(
    server: NamedServer, new_page: NewPage, subtests: pytest.Subtests
) -> None:
    # The policy of the page would keep the checker out, too.
    page = new_page(bypass_csp=True)
    email = join(page, server)
    Authenticator(page)
    page.goto(f"{server.url}/console/profile/passkeys/new")
    check(page, "new passkey", subtests)
    add_passkey(page, server)
    for path in ("profile", "confirm"):
        page.goto(f"{server.url}/console/{path}")
        check(page, path, subtests)
    visitor = new_page(bypass_csp=True)
    visitor.goto(f"{server.url}/console/sign-in")
    expect(visitor.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
    check(visitor, "sign-in", subtests)
    send_password(visitor, server, email)
    expect(visitor.get_by_role("button", name="Use a passkey")).to_be_visible()
    check(visitor, "second step", subtests)


@pytest.mark.slow
def test_at_an_ip_address_no_page_offers_passkeys(product: Product, new_page: NewPage) -> None:
    page = new_page()
    join(page, product)
    page.goto(f"{product.url}/console/profile/passkeys/new")
    expect(page.get_by_text("Passkeys need a current browser")).to_be_visible()
    expect(page.get_by_role("button", name="Add")).to_be_hidden()
    page.goto(f"{product.url}/console/sign-in")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
