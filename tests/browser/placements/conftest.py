"""Pages on which the site's settings place the rating."""

from __future__ import annotations

import pytest

from tests.browser.conftest import NewPage
from tests.browser.pages import Pages
from tests.browser.widget.reader import Reader
from tests.factories import MadeSite, Make
from tests.serving import Product


@pytest.fixture
def reader(new_page: NewPage, pages: Pages, product: Product, make: Make, site: MadeSite) -> Reader:
    return Reader(new_page(), pages, product, make, site)
