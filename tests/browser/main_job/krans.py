"""The demo's shop in a test: a visitor in its chat, and an agent who watches the console."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.back_end import Api, done
from tests.factories import MadeSite
from tests.serving import Product, listening
from widget_server.demo.links import Links
from widget_server.demo.shop import Keys, create_shop

#: A running chat polls every 5 to 10 seconds.
POLL_MS = 11_000


class NoLinks(Links):
    """Links of a shop beside a test's server, which has no command that creates links."""

    def prepare(self) -> None:
        """Create nothing ahead of time."""


class Krans:
    """The shop on a separate origin, as one site of the server."""

    def __init__(self, product: Product, site: MadeSite, pace: float) -> None:
        keys = Keys(site.key, site.api_key, site.signing_secret)
        shop = create_shop(product.url, lambda: keys, NoLinks([]), pace=pace)
        self.served = ExitStack()
        self.url = self.served.enter_context(listening(shop))

    def end(self) -> None:
        self.served.close()


@dataclass
class Faces:
    """The rating on a page, and every text that it showed there."""

    page: Page

    def __post_init__(self) -> None:
        self.page.add_init_script("""
            window.saidByFaces = [];
            const attach = Element.prototype.attachShadow;
            Element.prototype.attachShadow = function (init) {
              const root = attach.call(this, init);
              new MutationObserver(() => {
                const words = root.querySelector("output")?.textContent;
                if (words && words !== window.saidByFaces.at(-1)) window.saidByFaces.push(words);
              }).observe(root, { subtree: true, childList: true, characterData: true });
              return root;
            };""")

    @property
    def said(self) -> list[str]:
        return self.page.evaluate("window.saidByFaces")

    @property
    def status(self) -> Locator:
        return self.page.locator("tilfreds-rating output")

    def face(self, word: str) -> Locator:
        return self.page.locator("tilfreds-rating").get_by_role("button", name=word, exact=True)

    def press(self, word: str) -> None:
        self.face(word).click()

    def change_to(self, word: str) -> None:
        """Press another face, which a page with an answer shows only on demand."""
        change = self.page.get_by_role("button", name="Change", exact=True)
        expect(change.or_(self.face(word)).first).to_be_visible()
        if change.is_visible():
            change.click()
        self.press(word)

    def comment(self, text: str) -> None:
        """Add a comment. After a negative answer the box is there already."""
        box, link = self.page.locator("tilfreds-rating textarea"), self.page.get_by_role("button", name="Add a comment")
        expect(box.or_(link).first).to_be_visible()
        if link.is_visible():
            link.click()
        box.fill(text)
        self.page.get_by_role("button", name="Done").click()

    def saved(self) -> None:
        expect(self.status).to_contain_text("Saved")


class Visitor(Faces):
    """A visitor in the shop's chat."""

    def open(self, krans: Krans, path: str = "/shop") -> Visitor:
        self.page.goto(krans.url + path)
        return self

    def poll(self) -> None:
        """Let the page poll its chat now. Its clock must be installed."""
        self.page.clock.fast_forward(POLL_MS)

    def write(self, text: str) -> None:
        """Write a message, and wait for the agent's answer."""
        answers = self.page.locator("#messages .agent")
        before = answers.count()
        self.page.fill("#text", text)
        self.page.press("#text", "Enter")
        expect(answers).to_have_count(before + 1)

    def end(self) -> None:
        self.page.click("#end")

    def chat(self, *texts: str) -> str:
        """Write these, end the chat, and return its id."""
        for text in texts:
            self.write(text)
        self.end()
        return self.id

    @property
    def id(self) -> str:
        return self.page.evaluate(
            "JSON.parse(sessionStorage.getItem('chat') ?? sessionStorage.getItem('chat-signed')).conversation"
        )


@dataclass
class Agent:
    """An agent with the console open."""

    page: Page

    def open(self, product: Product, site: MadeSite, title: str) -> None:
        self.page.goto(f"{product.url}/console/{site.key}/conversations")
        self.page.get_by_role("link", name=title).click()
        expect(self.page.locator(".transcript h1")).to_have_text(title)
        # A reload would lose this variable.
        self.page.evaluate("window.neverReloaded = true")

    @property
    def was_reloaded(self) -> bool:
        return not self.page.evaluate("window.neverReloaded === true")

    def under(self, text: str) -> Locator:
        """Return the element directly under the message."""
        return self.page.locator(f".message:has(p:text-is({text!r})) + *")

    @property
    def bands(self) -> Locator:
        return self.page.locator(".band")


def ratings(api: Api, conversation: str) -> list[tuple[str, str | None, bool | None]]:
    """Return (status, word, verified) of each segment, as the back end reads them."""
    segments = done(api.get(f"/conversations/{conversation}"))["segments"]
    return [(segment["status"], *word_of(segment["rating"])) for segment in segments]


def word_of(rating: dict[str, Any] | None) -> tuple[str | None, bool | None]:
    if rating is None or rating["answer"] is None:
        return None, None
    return rating["answer"]["word"], rating["verified"]


def votes(api: Api, **filters: str) -> list[dict[str, Any]]:
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return done(api.get(f"/votes?{query}"))["votes"]
