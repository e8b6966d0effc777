"""The owner's own helpdesk: its agents see each rating under its message, whatever the page does with its messages."""

from __future__ import annotations

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import Pages
from tests.conversations.talk import Talk
from tests.make import ORIGIN, Make
from tests.serving import Product
from tests.widget.conftest import press_id

from .agent import Desk
from .watch import Watch, failed

#: What the band answers for; landmarks and headings are the helpdesk's own.
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]}
#: A page that shows its messages as somebody's helpdesk does; `show` renders all of them anew.
HELPDESK = """<!doctype html><html lang=en><meta charset=utf-8><title>Helpdesk</title>
<script async src="{agent}"></script><script src="{desk}"></script>
<main></main><tilfreds-ratings conversation="{conversation}" token="{token}"></tilfreds-ratings>"""
DESK = """function show(...ids) {
  document.querySelector("main").replaceChildren(...ids.map((id) => {
    const message = document.createElement("div");
    message.dataset.messageId = id;
    message.textContent = `Message ${id}`;
    return message;
  }));
}"""


class Helpdesk:
    def __init__(self, product: Product, pages: Pages, page: Page, desk: Desk) -> None:
        self.product, self.pages, self.page, self.desk = product, pages, page, desk
        self.asked: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))

    def open(self, talk: Talk, token: str, *messages: str) -> None:
        """Under the strictest policy that the page of docs/agents.md promises."""
        live = self.live_origin(talk)
        policy = (
            f"default-src 'none'; script-src {self.product.url} {self.pages.url}; "
            f"connect-src {self.product.url} {live}; require-trusted-types-for 'script'; trusted-types 'none'"
        )
        desk = self.pages.put("<!doctype html>", "/desk.js", {"Content-Type": "text/javascript"})
        self.pages.pages["/desk.js"] = (DESK.encode(), {"Content-Type": "text/javascript"})
        made = HELPDESK.format(agent=f"{self.product.url}/agent.js", desk=desk, conversation=talk.id, token=token)
        self.page.goto(self.pages.put(made, headers={"Content-Security-Policy": policy}))
        self.show(*messages)

    def live_origin(self, talk: Talk) -> str:
        return str(self.token_answer(talk)["live_url"]).removesuffix("/live/events")

    def token_answer(self, talk: Talk) -> dict[str, str]:
        back_end = self.product.make.back_end(self.desk.site)
        answer = back_end.post("/agent-tokens", {"agent": "anna", "conversation": talk.id})
        made: dict[str, str] = answer.get_json()
        return made

    def show(self, *messages: str) -> None:
        self.page.evaluate("ids => show(...ids)", list(messages))

    def under(self, message: str) -> Locator:
        return self.page.locator(f'[data-message-id="{message}"] [part=band]')


@pytest.fixture
def desk(product: Product, make: Make) -> Desk:
    site = make.site(allowed_origins=[ORIGIN])
    make.agent(site)
    return Desk(product, site, make.survey(site), make.survey(site, "article"))


@pytest.fixture
def helpdesk(product: Product, pages: Pages, page: Page, desk: Desk) -> Helpdesk:
    return Helpdesk(product, pages, page, desk)


def test_a_rating_comes_live_and_follows_its_message_through_all_that_a_page_does(
    helpdesk: Helpdesk, desk: Desk
) -> None:
    talk = desk.talk().chat()
    secret, press = talk.ask(), press_id()
    first, last = (message["external_id"] for message in talk.read()["segments"][0]["messages"])
    token = helpdesk.token_answer(talk)["token"]
    helpdesk.open(talk, token, first, last)
    expect(helpdesk.under(last)).to_contain_text("no answer yet")

    talk.vote(secret, 1, id=press, comment="Still no parcel")
    expect(helpdesk.under(last)).to_contain_text("Still no parcel", timeout=8000)
    talk.vote(secret, 3, id=press, rev=2)
    expect(helpdesk.under(last)).to_contain_text("Good", timeout=8000)

    found = Axe().run(helpdesk.page, options=WCAG)
    assert found.violations_count == 0, found.generate_report()

    helpdesk.show(first, last, "m-next")  # a message arrives, and all are rendered anew
    expect(helpdesk.under(last)).to_contain_text("Good")
    helpdesk.show(first)  # scrolled away
    expect(helpdesk.page.locator("[part=band]")).to_have_count(0)
    helpdesk.show(last, "m-next")
    expect(helpdesk.under(last)).to_have_count(1)
    helpdesk.page.locator(f'[data-message-id="{last}"]').evaluate("one => { one.dataset.messageId = 'recycled' }")
    expect(helpdesk.page.locator("[part=band]")).to_have_count(0)

    assert [address for address in helpdesk.asked if token in address] == []
    told = helpdesk.page.content() + json.dumps(
        helpdesk.page.evaluate("document.querySelector('tilfreds-ratings').ratings")
    )
    assert [text for text in (secret, press) if text in told] == []


def test_a_revoked_token_is_told_of_and_a_fresh_one_goes_on(helpdesk: Helpdesk, desk: Desk, watch: Watch) -> None:
    watch.expect(failed(r"/agent/ratings\S*", "401"))
    talk = desk.talk().chat()
    talk.ask()
    (*_, last) = (message["external_id"] for message in talk.read()["segments"][0]["messages"])
    old = helpdesk.token_answer(talk)["token"]
    helpdesk.product.make.back_end(desk.site).post("/agents/anna/revoke", {})
    helpdesk.open(talk, "none", last)
    helpdesk.page.evaluate(
        """token => new Promise((done) => {
            const element = document.querySelector("tilfreds-ratings");
            element.addEventListener("tilfreds:expired", done, { once: true });
            element.setAttribute("token", token);
        }).then(() => 0)""",
        old,
    )
    fresh = helpdesk.token_answer(talk)["token"]
    helpdesk.page.evaluate("token => document.querySelector('tilfreds-ratings').setAttribute('token', token)", fresh)
    expect(helpdesk.under(last)).to_contain_text("no answer yet")
