"""The agent's page receives nothing of the visitor's secrets, and nothing that can be used to vote."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import expect

from tests.browser.agent import Desk
from tests.widget.conftest import press_id
from widget_server.core import tokens

from .pages import Helpdesk

#: Each response is read twice: by the element, and into the text that the test searches. Streams are read as they come.
LISTEN = """
self.received = [];
const real = self.fetch;
self.fetch = async (...parameters) => {
  const answer = await real(...parameters);
  received.push(answer.url, JSON.stringify([...answer.headers]));
  const [own, copy] = answer.body ? answer.body.tee() : [null, null];
  const keep = new WritableStream({ write: (text) => { received.push(text) } });
  copy?.pipeThrough(new TextDecoderStream()).pipeTo(keep).catch(() => {});
  return new Response(own, answer.status == 304 ? { status: 200 } : answer);
};
"""
EVERYTHING = "received.join('\\n') + document.documentElement.outerHTML"


def test_no_byte_of_the_visitors_side_reaches_the_page_and_none_that_does_can_vote(
    helpdesk: Helpdesk, desk: Desk
) -> None:
    talk = desk.talk(visitor="customer-4711").chat()
    secret, press = talk.ask(), press_id()
    invitation = talk.ledger()[0]["id"]
    message = talk.read()["segments"][0]["messages"][-1]["external_id"]
    helpdesk.page.add_init_script(LISTEN)
    helpdesk.open(talk, helpdesk.token_answer(talk)["token"], message)
    expect(helpdesk.under(message)).to_contain_text("no answer yet")
    receipt = talk.vote(secret, 1, id=press, comment="Still no parcel")
    expect(helpdesk.under(message)).to_contain_text("Still no parcel")
    talk.vote(secret, 3, id=press, rev=2)
    expect(helpdesk.under(message)).to_contain_text("Good")

    received = helpdesk.page.evaluate(EVERYTHING)

    # The readings and the stream are both among it.
    assert '"comment":"Still no parcel"' in received and "event: change" in received and "tfl" in received
    browser = talk.page.browser
    hidden = [secret, press, tokens.digest(press), browser, tokens.digest(browser), "customer-4711"]
    hidden += [str(invitation), receipt["vote"], desk.site.signing_secret, desk.site.api_key, desk.site.key]
    assert [text for text in hidden if text in received] == []
    assert not re.search(r"tilfreds-token\W+tfa_", received)

    for text in sorted(words(received)):
        answer = talk.page.vote(text, 1)
        assert answer.status_code in (403, 422), (text, answer.status_code)
    votes = helpdesk.product.make.back_end(desk.site).get("/votes").get_json()["votes"]
    assert [vote["answer"]["score"] for vote in votes] == [3]


def words(received: str) -> set[str]:
    """Return every word that may be a secret, with and without the characters around it."""
    return set(re.findall(r"[\w.-]{16,}", received)) | set(re.findall(r"[\w-]{16,}", received))


def test_the_search_finds_a_planted_secret(helpdesk: Helpdesk, desk: Desk) -> None:
    """Check the harness: a secret that is planted in a response is found."""
    talk = desk.talk().chat()
    talk.ask()
    message = talk.read()["segments"][0]["messages"][-1]["external_id"]
    helpdesk.page.add_init_script(LISTEN)

    def leak(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "leak": "a-planted-secret"})

    helpdesk.page.route("**/agent/ratings*", leak)
    helpdesk.open(talk, helpdesk.token_answer(talk)["token"], message)
    expect(helpdesk.under(message)).to_contain_text("no answer yet")
    assert "a-planted-secret" in helpdesk.page.evaluate(EVERYTHING)
    assert "a-planted-secret" in words(json.dumps({"leak": "a-planted-secret"}))
