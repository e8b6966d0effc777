"""The element in a helpdesk: each rating is under its message, whatever the page does with its messages."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from tests.back_end import done
from tests.browser.accessibility import violations
from tests.browser.agent import Desk
from tests.browser.watch import Watch, failed
from tests.widget.conftest import press_id

from .pages import Helpdesk

#: The rules that apply to the band; landmarks and headings belong to the helpdesk.
WCAG = ["wcag2a", "wcag2aa", "wcag21aa"]


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
    expect(helpdesk.under(last)).to_contain_text("Still no parcel")
    talk.vote(secret, 3, id=press, rev=2)
    expect(helpdesk.under(last)).to_contain_text("Good")

    was = helpdesk.under(last).locator("summary")
    expect(was).to_have_text("Was Bad")
    was.click()
    entries = helpdesk.under(last).locator("details p")
    expect(entries).to_contain_text(["Bad", "Good"])
    talk.vote(secret, 2, id=press, rev=3)
    expect(entries).to_contain_text(["Bad", "Good", "OK"])
    expect(entries.first).to_be_visible()  # what was open stays open
    talk.vote(secret, 3, id=press, rev=4)
    expect(entries).to_have_count(4)

    vote = done(talk.api.get("/votes"))["votes"][0]["id"]
    done(talk.api.post(f"/votes/{vote}/exclude", {"reason": "not meant for us", "by": "Ruth"}))
    expect(helpdesk.under(last)).to_contain_text("Excluded by Ruth: not meant for us")

    assert violations(helpdesk.page, rules=WCAG) == []

    helpdesk.show(first, last, "m-next")  # a message arrives, and all are rendered again
    expect(helpdesk.under(last)).to_contain_text("Good")
    helpdesk.show(first)  # scrolled away
    expect(helpdesk.page.locator("[part=band]")).to_have_count(0)
    helpdesk.show(last, "m-next")
    expect(helpdesk.under(last)).to_have_count(1)
    helpdesk.page.locator(f'[data-message-id="{last}"]').evaluate("one => { one.dataset.messageId = 'recycled' }")
    expect(helpdesk.page.locator("[part=band]")).to_have_count(0)

    assert [address for address in helpdesk.urls if token in address] == []
    page_text = helpdesk.page.content() + json.dumps(
        helpdesk.page.evaluate("document.querySelector('tilfreds-ratings').ratings")
    )
    assert [text for text in (secret, press) if text in page_text] == []


def test_a_revoked_token_is_reported_and_a_new_one_continues(helpdesk: Helpdesk, desk: Desk, watch: Watch) -> None:
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


def test_ratings_are_in_the_language_of_the_page(helpdesk: Helpdesk, desk: Desk) -> None:
    talk = desk.talk().chat()
    talk.ask()
    last = talk.read()["segments"][0]["messages"][-1]["external_id"]
    token = helpdesk.token_answer(talk)["token"]
    helpdesk.open(talk, token, last)
    band = helpdesk.under(last)
    for language, words in (
        ("da-DK", "intet svar endnu"),
        ("de", "noch keine Antwort"),
        ("nn", "ikke svart ennå"),
        ("sv", "inget svar än"),
        ("en-GB", "no answer yet"),
    ):
        helpdesk.page.evaluate("language => { document.documentElement.lang = language }", language)
        helpdesk.page.locator("tilfreds-ratings").evaluate(
            "(ratings, token) => ratings.setAttribute('token', token)", token
        )
        expect(band).to_contain_text(words)
