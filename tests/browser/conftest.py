"""Real pages in a real Chromium before a real server. Any unexpected error on a page fails the test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.browser.agent import Agent, Desk
from tests.browser.pages import Pages
from tests.browser.watch import Watch
from tests.factories import ORIGIN, MadeSite, Make
from tests.serving import Product, running
from tests.skip import skip_missing

#: Chromium without a user interface: it renders the same pages in a quarter of the processor time.
SHELL = "chromium-headless-shell"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = (
    "/usr/bin/chromium",
    "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
INSTALL = (
    "No Chromium is installed: `apt-get install chromium chromium-headless-shell` on Debian,"
    " else `python -m playwright install chromium`."
)
PATIENCE_MS = 15_000
NewPage = Callable[..., Page]
# A page may take longer on a busy machine.
expect.set_options(timeout=PATIENCE_MS)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def chromium_path(playwright: Playwright) -> str:
    """Return the system's Chromium, else the one that Playwright installed."""
    paths = [shutil.which(name) for name in NAMES]
    for path in [*paths, *PLACES, playwright.chromium.executable_path]:
        if path and Path(path).exists():
            return str(path)
    return skip_missing(INSTALL)


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium_program(driver: Playwright) -> str:
    """Return the path of the whole Chromium, for a test that starts one without a debugger."""
    return chromium_path(driver)


@pytest.fixture(scope="session")
def chromium(driver: Playwright) -> Iterator[Browser]:
    # Without a graphics card the GPU process only copies images.
    arguments = ["--no-sandbox", "--disable-background-networking", "--disable-gpu", "--in-process-gpu"]
    path = shutil.which(SHELL) or chromium_path(driver)
    browser = driver.chromium.launch(executable_path=path, args=arguments)
    yield browser
    browser.close()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Yield a watch of the errors on the test's pages; `watch.expect(pattern)` allows one that belongs to the test."""
    watching = Watch()
    yield watching
    watching.check()


@pytest.fixture
def new_page(chromium: Browser, watch: Watch) -> Iterator[NewPage]:
    """Yield a function that opens watched pages, each in a separate context with Playwright's options."""

    def make(**options: Any) -> Page:
        context = chromium.new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        watch.attach(context, has_scripts=options.get("java_script_enabled", True))
        return context.new_page()

    yield make
    watch.settle()
    for context in watch.contexts:
        context.close()


@pytest.fixture
def page(new_page: NewPage) -> Page:
    return new_page()


@pytest.fixture(scope="session")
def pages() -> Iterator[Pages]:
    """Yield the web server of the site's owner, whose pages have the tag."""
    pages = Pages()
    yield pages
    pages.end()


@pytest.fixture(scope="session")
def shared_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running(tmp_path_factory.mktemp("product")) as serving:
        yield serving


@pytest.fixture
def product(shared_product: Product) -> Iterator[Product]:
    """Yield a running server that tests share; each test makes its own sites. A failed test shows its output."""
    length = len(shared_product.output())
    yield shared_product
    print(shared_product.output()[length:])


@pytest.fixture
def make(product: Product) -> Make:
    return product.make


@pytest.fixture
def site(make: Make) -> MadeSite:
    """Return a site with both surveys whose pages may be on any port of this machine."""
    site = make.site(allowed_origins=["http://127.0.0.1:*", "http://localhost:*"])
    make.survey(site)
    make.survey(site, "article")
    return site


@pytest.fixture
def tag(product: Product, site: MadeSite) -> str:
    """Return the line that the owner pastes."""
    return f'<script async src="{product.url}/w/{site.key}.js"></script>'


@pytest.fixture
def desk(product: Product, make: Make) -> Desk:
    """Return a site with surveys of chats and articles."""
    site = make.site(allowed_origins=[ORIGIN])
    return Desk(product, site, make.survey(site), make.survey(site, "article"))


@pytest.fixture
def signed_in(product: Product, desk: Desk, new_page: NewPage) -> Callable[..., Agent]:
    """Return a function that opens the site's console for one more user, with Playwright's context options."""
    return lambda **options: Agent(product, desk.site, new_page, **options)
