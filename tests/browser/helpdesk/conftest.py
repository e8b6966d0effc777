"""A site with an agent, and the pages of its helpdesk."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.agent import Desk
from tests.browser.pages import Pages
from tests.factories import ORIGIN, Make
from tests.serving import Product

from .pages import Helpdesk, SideBar


@pytest.fixture
def desk(product: Product, make: Make) -> Desk:
    site = make.site(allowed_origins=[ORIGIN])
    make.agent(site)
    return Desk(product, site, make.survey(site), make.survey(site, "article"))


@pytest.fixture
def helpdesk(product: Product, pages: Pages, page: Page, desk: Desk) -> Helpdesk:
    return Helpdesk(product, pages, page, desk)


@pytest.fixture
def side_bar(product: Product, pages: Pages, page: Page, desk: Desk) -> SideBar:
    helpdesk_page = SideBar(product, pages, page, desk)
    helpdesk_page.allow(pages.url)
    return helpdesk_page
