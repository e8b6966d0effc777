"""An agent at the console in a browser, and the conversations they read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.conversations.talk import Talk
from tests.factories import MadeSite, MadeSurvey
from tests.serving import Product
from tests.widget.conftest import Page as WidgetPage
from widget_server.accounts.sign_in import link_address
from widget_server.core import clock

LOOK_AWAY = """(away) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => away });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def sign_in_link(product: Product) -> str:
    """Return the address of a fresh one-time link."""
    return link_address(product.url, product.make.secret_keys, clock.now())


def sign_in(page: Page, product: Product) -> None:
    """Send what the button on the page of a fresh link sends, without loading a page."""
    link = sign_in_link(product)
    answer = page.request.post(link.partition("#")[0], form={"code": link}, max_redirects=0)
    assert answer.status == 303, answer.text()


class Agent:
    """A signed-in browser at the console of one site."""

    def __init__(self, product: Product, site: MadeSite, new_page: Callable[..., Page], **options: Any) -> None:
        self.product = product
        self.site = site
        self.page = new_page(**options)
        sign_in(self.page, product)

    def open(self, path: str = "conversations") -> None:
        """Open a page of the site, and wait for its stream."""
        self.page.goto(f"{self.product.url}/console/{self.site.key}/{path}")
        self.expect_live()

    def read(self, talk: Talk) -> None:
        self.open(f"conversations/{talk.read()['id']}")

    def expect_live(self) -> None:
        expect(self.sign).to_have_text("Live")

    def look_away(self, away: bool) -> None:
        """Set `document.hidden` as a browser does for a tab in the background."""
        self.page.evaluate(LOOK_AWAY, away)

    @property
    def sign(self) -> Locator:
        """The status of the live updates."""
        return self.page.locator("p.live")

    @property
    def bands(self) -> Locator:
        return self.page.locator("main .band")

    @property
    def rows(self) -> Locator:
        return self.page.locator("a.row")


class Desk:
    """A site with a survey; the test plays both sides of its chats."""

    def __init__(self, product: Product, site: MadeSite, survey: MadeSurvey, articles: MadeSurvey) -> None:
        self.product = product
        self.site = site
        # It has the interface of Flask's test client, over a real connection.
        client: Any = product.client
        self.visitors = WidgetPage(client, site.key, str(survey.revision))
        self.readers = WidgetPage(client, site.key, str(articles.revision))

    def talk(self, **fields: Any) -> Talk:
        return Talk(self.product.make.back_end(self.site), self.visitors, **fields)
