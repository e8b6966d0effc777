"""Measure the requests and the work of a browser before the card appears."""

from __future__ import annotations

import urllib.request
from statistics import median

from playwright.sync_api import expect

from tests.browser.widget.reader import MEASURE, RATING, Reader
from tests.factories import Make
from tests.serving import Product

BUDGET = 3_500
SITES = 20
UNLUCKY = 30
RESERVED = "<style>tilfreds-rating { display: block; min-height: 220px }</style>"


def test_the_served_file_keeps_its_budget(product: Product, make: Make) -> None:
    """Allow for random keys and ids, which sometimes compress one or two dozen bytes worse."""
    sizes = []
    for _ in range(SITES):
        site = make.site()
        make.survey(site)
        make.survey(site, "article")
        # As a script tag requests it.
        headers = {"Accept-Encoding": "br", "Sec-Fetch-Mode": "no-cors"}
        request = urllib.request.Request(f"{product.url}/w/{site.key}.js", headers=headers)
        with urllib.request.urlopen(request) as answer:
            assert answer.headers["Content-Encoding"] == "br"
            sizes.append(len(answer.read()))
    assert median(sizes) <= BUDGET, sorted(sizes)
    assert max(sizes) <= BUDGET + UNLUCKY, sorted(sizes)


def test_one_request_and_nothing_moves(reader: Reader) -> None:
    reader.page.add_init_script(MEASURE)
    requests: list[str] = []
    reader.page.on("request", lambda request: requests.append(request.url))
    reader.open(f"{RESERVED}{RATING}<p>What comes after the article</p>")
    expect(reader.face("Good")).to_be_visible()
    reader.page.wait_for_load_state("networkidle")
    assert [url for url in requests if "/w/" in url][:1] == [f"{reader.product.url}/w/{reader.site.key}.js"]
    later = [url.rsplit("/", 1)[1] for url in requests if "/w/" in url][1:]
    # The part that fits the card into its page loads once the card was painted.
    assert later[0].startswith("surroundings-")
    assert later[1:] == ["seen"]
    assert reader.page.evaluate("self.shift") == 0
    # The first paint of a browser on a busy machine may be a long task itself.
    assert all(duration < 300 for duration in reader.page.evaluate("self.long"))


def test_the_card_is_added_at_the_end_of_an_article_below_the_window(reader: Reader, make: Make) -> None:
    """Add it by the site's selector, once the end of the article is below the window."""
    reader.make.back_end(reader.site).patch("/site", {"article_selector": "main article"})
    reader.page.add_init_script(MEASURE)
    tall = '<p style="height: 3000px">Long</p>'
    reader.open(f"<main><article>{tall}</article></main><footer>End</footer>", tag=reader.tag)
    expect(reader.page.locator("article > tilfreds-rating")).to_have_count(1)
    assert reader.page.evaluate("self.shift") == 0
    reader.page.evaluate("scrollTo(0, 1e9)")
    reader.press("Good")
    reader.says("Saved")
