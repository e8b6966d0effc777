"""The demo's shop beside a real server, a visitor in its chat, and an agent in the console."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.back_end import Api
from tests.browser.agent import sign_in
from tests.browser.conftest import NewPage
from tests.browser.main_job.krans import Agent, Krans, Visitor
from tests.factories import MadeSite, Make
from tests.serving import Product

OpenShop = Callable[..., Krans]


@pytest.fixture(scope="session")
def opened() -> Iterator[list[Krans]]:
    """Yield the list of open shops, which close after all tests because open pages would log errors before."""
    shops: list[Krans] = []
    yield shops
    for shop in shops:
        shop.end()


@pytest.fixture
def open_shop(product: Product, site: MadeSite, opened: list[Krans]) -> OpenShop:
    """Return a function that opens shops of the site; `pace=1` lets the agent think as long as a person."""

    def make(pace: float = 0) -> Krans:
        opened.append(Krans(product, site, pace))
        return opened[-1]

    return make


@pytest.fixture
def krans(open_shop: OpenShop) -> Krans:
    """Return the shop with an agent who answers at once."""
    return open_shop()


@pytest.fixture
def visitor(new_page: NewPage, krans: Krans) -> Visitor:
    """Return a visitor in the shop's chat, the clock of whose page a test may put forward."""
    page = new_page()
    page.clock.install()
    return Visitor(page).open(krans)


@pytest.fixture
def agent(new_page: NewPage, product: Product) -> Agent:
    page = new_page()
    sign_in(page, product)
    return Agent(page)


@pytest.fixture
def api(make: Make, site: MadeSite) -> Api:
    return make.back_end(site)
