"""The rating at the end of articles of documentation generators, built here with the tag as the guides say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.back_end import done
from tests.browser.conftest import NewPage
from tests.browser.hosts.built import mkdocs, serve, sphinx
from tests.browser.pages import Pages
from tests.browser.widget.reader import Reader
from tests.factories import MadeSite, Make
from tests.long_cases import cases
from tests.serving import Product

BUILDERS: dict[str, Callable[[Path], Path]] = {
    "instant": lambda folder: mkdocs(folder, ["navigation.instant"]),
    "plain": lambda folder: mkdocs(folder, []),
    "furo": lambda folder: sphinx(folder, "furo"),
    "alabaster": lambda folder: sphinx(folder, "alabaster"),
    "read-the-docs": lambda folder: sphinx(folder, "sphinx_rtd_theme"),
}
LAYOUTS = {"instant": "mkdocs-material", "plain": "mkdocs-material"}
ARTICLE = "[role=main], article.md-content__inner"
#: Layout shifts of elements after the rating. Before it, themes shift elements while their fonts load.
MOVED = """self.moved = []; new PerformanceObserver((list) => {
  const rating = document.querySelector("tilfreds-rating");
  const after = ({ node }) => node && rating && rating.compareDocumentPosition(node) & node.DOCUMENT_POSITION_FOLLOWING;
  for (const { hadRecentInput, sources, value } of list.getEntries())
    if (!hadRecentInput && sources.some(after)) self.moved.push(value);
}).observe({ type: "layout-shift", buffered: true })"""
END = """() => {
  const rating = document.querySelector("tilfreds-rating"), article = rating.parentElement;
  return article.matches("article, [role=main], [itemprop=articleBody]") && article.lastElementChild == rating;
}"""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that builds each host once."""
    folders: dict[str, Path] = {}

    def build(name: str) -> Path:
        if name not in folders:
            folders[name] = BUILDERS[name](tmp_path_factory.mktemp("hosts") / name)
        return folders[name]

    return build


@pytest.fixture(params=cases(BUILDERS, short=["instant"]))
def host(
    request: pytest.FixtureRequest, built: Callable[[str], Path], product: Product, make: Make, site: MadeSite
) -> Iterator[tuple[str, Pages]]:
    name = request.param
    done(make.back_end(site).patch("/site", {"placement": {"layout": LAYOUTS.get(name, name)}}))
    pages = serve(built(name), f"{product.url}/w/{site.key}.js")
    yield name, pages
    pages.end()


def read_to_the_end(page: Page) -> None:
    """Scroll to the end like a reader; by then the rating is there, at the end of the article."""
    expect(page.locator("tilfreds-rating [part=card]")).to_have_count(1)
    page.locator("tilfreds-rating").scroll_into_view_if_needed()
    assert page.evaluate(END)
    assert page.evaluate("self.moved") == []


def heading(page: Page, words: str) -> Locator:
    return page.locator(ARTICLE).get_by_role("heading", name=words)


def test_each_article_has_its_rating_and_its_vote(
    new_page: NewPage, product: Product, make: Make, site: MadeSite, host: tuple[str, Pages]
) -> None:
    name, pages = host
    reader = Reader(new_page(), pages, product, make, site)
    page = reader.page
    page.add_init_script(MOVED)
    page.goto(f"{pages.url}/")
    page.evaluate("self.loaded = 1")
    read_to_the_end(page)
    reader.press("Good")
    reader.says("Saved")

    page.locator(ARTICLE).get_by_role("link", name="The other page").click()
    page.wait_for_url("**/tyres**")
    expect(heading(page, "Tyres")).to_be_visible()
    assert page.evaluate("self.loaded == 1") == (name == "instant")
    read_to_the_end(page)
    assert reader.lit() == []
    expect(reader.card().locator("output")).to_be_empty()
    reader.press("Bad")
    reader.says("Saved")

    page.go_back()
    expect(heading(page, "Chains")).to_be_visible()
    reader.says("You answered Good.")
    expect(page.locator("tilfreds-rating")).to_have_count(1)

    votes = {vote["subject"]: vote["answer"]["word"] for vote in reader.votes()}
    other = next(path for path in votes if path != "/")
    assert votes == {"/": "Good", other: "Bad"} and other.startswith("/tyres")
    assert [body["subject"] for body in reader.of("seen")] == ["/", other]
