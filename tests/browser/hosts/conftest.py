"""Chats written by others on pages of a site, each with a back end of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route

from tests.browser.conftest import NewPage
from tests.browser.pages import Pages
from tests.browser.widget.reader import Reader
from tests.factories import MadeSite, Make
from tests.serving import Product

from .beside import Started
from .server import Host

OURS = ("127.0.0.1", "localhost")


@pytest.fixture
def elsewhere() -> list[str]:
    """Return the list of requests beyond this machine, all of which are blocked."""
    return []


@pytest.fixture
def chat_page(new_page: NewPage, elsewhere: list[str]) -> Iterator[Page]:
    """Return a page from which no request leaves this machine."""
    page = new_page()

    def keep(route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.hostname in OURS or address.scheme in ("data", "blob"):
            return route.continue_()
        elsewhere.append(route.request.url)
        return route.fulfill(status=200, body="", content_type="text/css")

    page.context.route("**/*", keep)
    yield page


@pytest.fixture
def reader(chat_page: Page, pages: Pages, product: Product, make: Make, site: MadeSite) -> Reader:
    return Reader(chat_page, pages, product, make, site)


@pytest.fixture
def started() -> Iterator[Started]:
    """Yield a function that starts hosts; they end with the test."""
    hosts: list[Host] = []

    def keep(host: Host) -> Any:
        hosts.append(host)
        return host

    yield keep
    for host in hosts:
        host.end()
