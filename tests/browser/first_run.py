"""The first two minutes of a person with a new server and a website, and each action that they take."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

from playwright.sync_api import Page, expect

from tests.browser.pages import Pages
from tests.serving import Product

EMAIL = "ann@shop.example"
PASSWORD = "violet harbour ladder nine"
PATH = "/help/returns"
SET_UP = re.compile(r"^Set up +(\S+)$", re.M)


def set_up_link(product: Product) -> str:
    """Return the link that the server printed at its start."""
    (link,) = SET_UP.findall(product.output())
    return str(link)


@dataclass
class Person:
    """An owner at one browser tab, and a visitor of the website at another."""

    console: Page
    website: Page
    pages: Pages
    actions: list[str] = field(default_factory=list)
    started_at: float = field(default_factory=time.monotonic)

    def do(self, action: str) -> None:
        self.actions.append(action)

    def set_up(self, link: str) -> None:
        """Create the account and the site."""
        self.do("open the link")
        self.console.goto(link)
        for label, value in (("E-mail", EMAIL), ("Password", PASSWORD), ("Address of your website", self.pages.url)):
            self.do(f"type {label}")
            self.console.get_by_label(re.compile(f"^\\s*{label}")).fill(value)
        self.do("press")
        self.console.get_by_role("button", name="Create account and site").click()
        expect(self.console.get_by_role("heading", name="Install", exact=True)).to_be_visible()

    def paste(self) -> str:
        """Copy the lines into a page of the website and open it; return its address."""
        self.do("copy")
        self.console.get_by_role("button", name="Copy").first.click()
        lines = self.console.evaluate("navigator.clipboard.readText()")
        self.do("paste into the page")
        address = self.pages.put(f"<h1>Returns</h1><p>Bring it to a shop.</p>{lines}", PATH)
        self.do("open the page")
        self.website.goto(address)
        return address

    def vote(self) -> None:
        self.do("tap a face")
        self.website.get_by_role("button", name="Good").click()
        expect(self.website.get_by_text("Saved")).to_be_visible()

    def see(self, address: str) -> None:
        """See the page and the rating arrive without a press, then open the rating."""
        steps = self.console.locator(".install-state")
        expect(steps).to_contain_text(f"Seen on {address}")
        expect(steps).to_contain_text("First rating: Good")
        self.do("open the rating")
        self.console.get_by_role("link", name="Open the articles").click()
        expect(self.console.get_by_role("heading", name=PATH)).to_be_visible()


def play(person: Person, link: str) -> float:
    """Play from the link to the rating in the console; return the seconds that it took."""
    person.set_up(link)
    address = person.paste()
    person.vote()
    person.see(address)
    return time.monotonic() - person.started_at
