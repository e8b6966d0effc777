"""One Firefox and one WebKit for each module, and a visitor in each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.back_end import done
from tests.browser.engines.drivers import ENGINES, Engine
from tests.browser.pages import Pages
from tests.factories import MadeSite, Make
from tests.serving import Product

from .visitor import Visitor


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with ENGINES[request.param](tmp_path_factory.mktemp(request.param)) as started:
        yield started


@pytest.fixture
def visitor(engine: Engine, pages: Pages, product: Product, make: Make, site: MadeSite) -> Visitor:
    done(make.back_end(site).patch("/site", {"languages": ["en", "ar"]}))
    engine.size(1000, 800)
    return Visitor(engine, pages, product, make, site)
