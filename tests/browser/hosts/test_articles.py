"""The rating at the end of articles of documentation generators, built here with the widget as the guides say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.back_end import done
from tests.browser.conftest import NewPage
from tests.browser.pages import Pages
from tests.browser.waiting import wait_until_true
from tests.browser.widget.reader import Reader
from tests.factories import MadeSite, Make
from tests.long_cases import cases
from tests.serving import Product

from .article_hosts import HOSTS, SHORT_HOSTS, Host
from .beside import until
from .built import build, serve
from .measures import NEXT_FRAMES, RECORD_SHIFTS, luminances

#: Keys that any theme may bind, and letters.
TYPED = ("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "End", "?", "Space", "x")
ARTICLE = "main, article, [role=main]"
#: The rating is the last element of its parent, or the last before what the guide puts after it.
END = """() => {
  const { lastElementChild, children } = document.querySelector("tilfreds-rating").parentElement;
  const last = [...children].filter((one) => !one.matches("script, next-route-announcer")).at(-1);
  return last.matches("tilfreds-rating");
}"""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that builds each host once."""
    folders: dict[str, Path] = {}

    def build_once(name: str) -> Path:
        if name not in folders:
            folders[name] = build(name, HOSTS[name].source(), tmp_path_factory.mktemp("hosts") / name)
        return folders[name]

    return build_once


@pytest.fixture(params=cases(HOSTS, short=SHORT_HOSTS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def host(name: str) -> Host:
    return HOSTS[name]


@pytest.fixture
def articles(
    name: str, host: Host, built: Callable[[str], Path], product: Product, make: Make, site: MadeSite
) -> Iterator[Pages]:
    done(make.back_end(site).patch("/site", {"placement": host.placement}))
    pages = serve(built(name), f"{product.url}/w/{site.key}.js")
    yield pages
    pages.end()


@pytest.fixture
def reader(new_page: NewPage, articles: Pages, product: Product, make: Make, site: MadeSite) -> Reader:
    reader = Reader(new_page(), articles, product, make, site)
    reader.page.add_init_script(RECORD_SHIFTS)
    return reader


def read_to_the_end(page: Page) -> None:
    """Scroll to the end like a reader; by then the rating is there, at the end of the article."""
    expect(page.locator("tilfreds-rating [part=card]")).to_have_count(1)
    page.locator("tilfreds-rating").scroll_into_view_if_needed()
    # A page may change its address before its contents.
    wait_until_true(page, f"({END})()")
    page.evaluate(NEXT_FRAMES)
    assert page.evaluate("self.moved") == []


def heading(page: Page, words: str) -> Locator:
    return page.locator(ARTICLE).get_by_role("heading", name=words).first


def test_each_article_has_its_rating_and_its_vote(reader: Reader, host: Host) -> None:
    page = reader.page
    page.goto(f"{reader.pages.url}/")
    page.evaluate("self.loaded = 1")
    read_to_the_end(page)
    reader.press("Good")
    reader.says("Saved")

    page.locator(ARTICLE).get_by_role("link", name="The other page").click()
    page.wait_for_url("**/tyres**")
    expect(heading(page, "Tyres")).to_be_visible()
    assert page.evaluate("self.loaded == 1") == host.is_single_page
    read_to_the_end(page)
    expect(page.locator("tilfreds-rating [aria-pressed=true]")).to_have_count(0)
    expect(reader.card().locator("output")).to_be_empty()
    reader.press("Bad")
    reader.says("Saved")

    page.go_back()
    expect(heading(page, "Chains")).to_be_visible()
    reader.says("You answered Good.")
    expect(page.locator("tilfreds-rating")).to_have_count(1)

    votes = {vote["subject"]: vote["answer"]["word"] for vote in reader.votes()}
    first, other = sorted(votes, key=len)
    assert votes == {first: "Good", other: "Bad"}
    assert first.startswith(f"{host.root}/"[:1]) and other.startswith(f"{host.root}/tyres")
    # The server joins `/tyres/` and `/tyres`.
    assert [body["subject"].rstrip("/") or "/" for body in reader.of("seen")] == [first, other]


def test_a_short_page_keeps_its_place(reader: Reader, host: Host) -> None:
    """Compare the layout shift of a page with that of the same page without the widget."""
    page, address = reader.page, f"{reader.pages.url}{host.short}"

    def shifts() -> float:
        expect(heading(page, "Brakes")).to_be_visible()
        page.evaluate(NEXT_FRAMES)
        return float(page.evaluate("self.shifted"))

    def stub(route: Route) -> None:
        route.fulfill(status=200, body="", content_type="text/javascript")

    script = f"{reader.product.url}/w/{reader.site.key}.js"
    page.route(script, stub)
    page.goto(address)
    shifted_without = shifts()
    page.unroute(script, stub)
    page.goto("about:blank")
    page.goto(address)
    expect(reader.face("Good")).to_be_visible()
    assert shifts() <= shifted_without + 0.0005
    assert page.evaluate("self.moved") == []

    rating = page.locator("tilfreds-rating")
    height_at_rest = rating.bounding_box()["height"]  # type: ignore[index]
    reader.press("Good")
    reader.says("Saved")
    assert rating.bounding_box()["height"] == height_at_rest  # type: ignore[index]


def closes_search(page: Page) -> bool:
    """Press Escape, which MkDocs misses while it still opens its search; return whether the search is closed."""
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    return page.locator("input:focus, [data-md-toggle=search]:checked").count() == 0


def test_the_keys_of_the_theme_do_not_reach_a_comment(reader: Reader, host: Host) -> None:
    """Press every key that the theme binds in the text box, and then the same keys in the page, where they work."""
    page = reader.page
    page.goto(f"{reader.pages.url}/")
    reader.press("Good")
    reader.says("Saved")
    page.get_by_role("button", name="Add a comment").click()
    box = reader.card().get_by_role("textbox")
    expect(box).to_be_focused()
    url = page.url
    for key in (*host.search_keys, *host.turning_keys, *TYPED):
        page.keyboard.press(key)
        expect(box).to_be_focused()
    expect(box).to_have_value(host.search_keys + "".join(key for key in host.turning_keys if len(key) == 1) + "? x")
    for key in ("ArrowLeft", "ArrowRight", *host.turning_keys, *host.search_keys):
        reader.face("Bad").focus()
        page.keyboard.press(key)
        expect(reader.face("Bad")).to_be_focused()
    assert page.url == url

    if host.search_keys:
        heading(page, "Chains").click()
    for key in host.search_keys:
        page.keyboard.press(key)
        expect(page.locator("input:focus")).to_have_count(1)
        until(reader, lambda: closes_search(page))
    for key, words in zip(host.turning_keys, cycle(("Tyres", "Chains")), strict=False):
        page.keyboard.press(key)
        expect(heading(page, words)).to_be_visible()
        expect(page.locator("tilfreds-rating [part=card]")).to_have_count(1)


def test_the_card_is_legible_in_both_colours_and_not_printed(reader: Reader, host: Host) -> None:
    page = reader.page
    page.goto(f"{reader.pages.url}{host.short}")
    expect(reader.face("Good")).to_be_visible()
    assert luminances(page).follows(is_dark=False)
    if host.darken and host.lighten:
        host.darken(page)
        until(reader, lambda: luminances(page).follows(is_dark=True))
        host.lighten(page)
        until(reader, lambda: luminances(page).follows(is_dark=False))
    page.emulate_media(media="print")
    expect(reader.card()).to_be_hidden()
