"""A reader on a page of a site with the tag."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from tests.back_end import done
from tests.browser.pages import Pages
from tests.browser.waiting import wait_until_true
from tests.factories import MadeSite, Make
from tests.serving import Product

RATING = "<tilfreds-rating></tilfreds-rating>"
#: Requests of the widget after its file: without a network any may fail, even those that no press caused.
REQUESTS = r"/w/(\w+/(votes|seen|ended\S*)|-/en-\w+\.js\?*)"
CHAT = '<tilfreds-rating kind="conversation"></tilfreds-rating>'
#: Records layout shifts and tasks of more than 50 ms.
MEASURE = """
  self.shift = 0; self.long = [];
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => self.shift += entry.value))
    .observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => self.long.push(...list.getEntries().map((entry) => entry.duration)))
    .observe({ type: "longtask", buffered: true });
"""
_numbers = count(1)


class Reader:
    """A browser on a page, with its requests and the server's votes."""

    def __init__(self, page: Page, pages: Pages, product: Product, make: Make, site: MadeSite) -> None:
        self.page = page
        self.pages = pages
        self.product = product
        self.make = make
        self.site = site
        self.tag = f'<script async src="{product.url}/w/{site.key}.js"></script>'
        self.sent: list[tuple[str, dict[str, Any]]] = []
        page.on("request", self._note)

    def _note(self, request: Any) -> None:
        if request.method == "POST" and "/w/" in request.url:
            self.sent.append((request.url.rsplit("/", 1)[1], json.loads(request.post_data)))

    def of(self, what: str) -> list[dict[str, Any]]:
        return [body for name, body in self.sent if name == what]

    def open(self, body: str = RATING, headers: Mapping[str, str] | None = None, tag: str | None = None) -> Reader:
        """Open a page on a new path with this body and the tag."""
        self.path = f"/article-{next(_numbers)}"
        address = self.pages.put(f"<h1>Help</h1>{body}{self.tag if tag is None else tag}", self.path, headers)
        self.page.goto(address)
        return self

    def card(self, at: int = 0) -> Locator:
        return self.page.locator("tilfreds-rating [part=card]").nth(at)

    def face(self, word: str, at: int = 0) -> Locator:
        return self.card(at).get_by_role("group").get_by_role("button", name=word, exact=True)

    def press(self, word: str, at: int = 0) -> None:
        self.face(word, at).click()

    def comment(self, text: str) -> None:
        """Add a comment and wait until it was received; the receipt may arrive before the button is released."""
        self.page.get_by_role("button", name="Add a comment").click()
        self.page.get_by_role("textbox").fill(text)
        with self.page.expect_response("**/votes"):
            self.page.get_by_role("button", name="Done").click()
        self.received()

    def received(self) -> None:
        """Wait until every answer is sent. Playwright's waiting needs eval, which strict pages forbid."""
        while self.page.evaluate("Object.values(localStorage).some((one) => JSON.parse(one).waits)"):
            self.page.wait_for_timeout(50)

    def says(self, words: str, at: int = 0) -> None:
        expect(self.card(at).locator("output")).to_contain_text(words)

    def lit(self, at: int = 0) -> list[str]:
        return self.card(at).locator("[aria-pressed=true]").all_inner_texts()

    def votes(self) -> list[dict[str, Any]]:
        return done(self.make.back_end(self.site).get("/votes"))["votes"]

    def answers(self, what: str, do: Callable[[Route], None]) -> None:
        """Intercept this page's requests to one of the endpoints."""
        self.page.route(f"**/w/*/{what}", do)

    def tell(self, what: str, **detail: Any) -> None:
        """Dispatch the page's event of its chat."""
        script = "([what, detail]) => document.dispatchEvent(new CustomEvent(`tilfreds:${what}`, { detail }))"
        self.page.evaluate(script, [what, detail])

    def ended(self, **detail: Any) -> Any:
        wait_until_true(self.page, "self.tilfreds")
        return self.page.evaluate("(detail) => tilfreds.ended(detail)", detail)


def refusal(code: str, status: int) -> Callable[[Route], None]:
    """Return a handler that responds with the server's error of this code."""
    body = json.dumps({"type": "about:blank", "title": "No", "status": status, "detail": code, "code": code})
    headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}
    return lambda route: route.fulfill(
        status=status, body=body, headers=headers, content_type="application/problem+json"
    )
