"""Identity of votes: a page alone, a back end that signs, a back end that names the browser, and a stranger."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.back_end import Api, done
from tests.browser.conftest import NewPage
from tests.browser.main_job.krans import Faces, Krans, Visitor, ratings, votes
from tests.browser.watch import Watch, failed
from tests.factories import MadeSite
from tests.serving import Product
from widget_server.core import tokens

#: tests/invitations/test_proof.py covers verification on both databases.

ASK = """async ([url, body]) => {
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  return { status: answer.status, body: await answer.json().catch(() => null) };
}"""


def ask(page: Page, product: Product, site: MadeSite, what: str, **body: Any) -> dict[str, Any]:
    return page.evaluate(ASK, [f"{product.url}/w/{site.key}/{what}", body])


def test_a_page_with_one_pasted_line_is_stored_unverified(new_page: NewPage, krans: Krans, api: Api) -> None:
    page = Faces(new_page())
    page.page.goto(krans.url + "/one-line")
    page.page.click("#end")
    page.press("Good")
    page.saved()
    (listed,) = done(api.get("/conversations"))["conversations"]
    assert listed["external_id"] is None
    assert listed["unverified_id"].startswith("somewhere-else-")
    assert listed["rating"]["verified"] is False
    assert votes(api, verified="true") == []
    assert [vote["answer"]["word"] for vote in votes(api, verified="false")] == ["Good"]


def test_a_back_end_that_signs_proves_its_customer(new_page: NewPage, krans: Krans, api: Api) -> None:
    visitor = Visitor(new_page()).open(krans, "/shop?signed=1")
    visitor.chat("My chain slips")
    visitor.press("OK")
    visitor.saved()
    assert ratings(api, visitor.id) == [("rated", "OK", True)]
    assert done(api.get(f"/conversations/{visitor.id}"))["visitor"] == "customer-1001"


def test_an_unsigned_page_is_verified_by_the_browser_that_its_back_end_named(visitor: Visitor, api: Api) -> None:
    visitor.chat("My chain slips")
    visitor.press("Good")
    visitor.saved()
    assert ratings(api, visitor.id) == [("rated", "Good", True)]
    assert done(api.get(f"/conversations/{visitor.id}"))["visitor"] is None


@pytest.mark.parametrize("ended", [False, True], ids=["while the chat runs", "after its end"])
def test_a_stranger_with_key_and_conversation_id_gets_nothing(
    visitor: Visitor, new_page: NewPage, krans: Krans, product: Product, site: MadeSite, api: Api, ended: bool
) -> None:
    visitor.write("My chain slips")
    if ended:
        visitor.end()
        expect(visitor.face("Good")).to_be_visible()
    before = ratings(api, visitor.id)
    stranger = new_page()
    stranger.goto(krans.url + "/help/tyre-size")
    claim = {"conversation": visitor.id, "browser": tokens.random_text(16), "revisions": []}
    assert ask(stranger, product, site, "poll", **claim)["status"] == 204
    answer = ask(stranger, product, site, "ended", **claim)["body"]
    assert ratings(api, visitor.id) == before
    # The stranger's claim may be rated, separately from the conversation and never as verified.
    press = {"id": tokens.random_text(16), "rev": 1, "age_ms": 0, "revision": answer["revision"], "score": 1}
    ask(stranger, product, site, "votes", token=answer["token"], **press)
    assert ratings(api, visitor.id) == before
    assert votes(api, verified="true") == []
    if not ended:
        visitor.end()
    visitor.press("Good")
    visitor.saved()
    assert ratings(api, visitor.id) == [("rated", "Good", True)]


def test_a_signature_for_another_chat_is_refused(
    visitor: Visitor, new_page: NewPage, krans: Krans, product: Product, site: MadeSite, api: Api, watch: Watch
) -> None:
    other = Visitor(new_page()).open(krans, "/shop?signed=1")
    other.write("My chain slips")
    visitor.write("My chain slips")
    signed = other.page.evaluate("JSON.parse(sessionStorage.getItem('chat-signed'))")
    watch.expect(failed("/ended", "403"))
    refused = ask(other.page, product, site, "ended", **{**signed, "conversation": visitor.id}, revisions=[])
    assert (refused["status"], refused["body"]["code"]) == (403, "bad_signature")
    assert ratings(api, visitor.id) == [("open", None, None)]
