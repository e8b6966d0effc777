"""The frame in a helpdesk's side bar: its ratings, the pages that may frame it, and the end of its token."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import violations
from tests.browser.agent import Desk
from tests.browser.pages import Pages
from tests.browser.watch import Watch, failed
from tests.factories import Make
from tests.widget.conftest import press_id

from .pages import SideBar

MISSING = "This conversation does not exist, or you may not see it."


@pytest.mark.parametrize("frame", ["", "sandbox=allow-scripts"])
def test_the_ratings_of_a_conversation_come_live_the_newest_segment_first(
    side_bar: SideBar, desk: Desk, frame: str
) -> None:
    talk = desk.talk()
    talk.say("visitor", "Where is my parcel?")
    talk.say("agent", "On its way", agent="anna")
    talk.vote(talk.ask(), 3)
    talk.say("visitor", "Still nothing")
    talk.say("visitor", "Hello?")
    talk.say("agent", "I am looking into it", agent="anna")
    secret, press = talk.ask(), press_id()
    token = side_bar.token(talk.id)

    side_bar.open(side_bar.src(talk.id, token), more=frame)
    expect(side_bar.sign).to_have_text("Live")
    expect(side_bar.segments).to_contain_text(["I am looking into it", "On its way"])
    expect(side_bar.segments.nth(0)).to_contain_text("no answer yet")
    expect(side_bar.segments.nth(1)).to_contain_text("Good")

    talk.vote(secret, 1, id=press, comment="\u05d0\u05d9\u05df \u05d7\u05d1\u05d9\u05dc\u05d4")
    expect(side_bar.segments.nth(0).locator("[part=word]")).to_have_text("Bad")
    expect(side_bar.segments.nth(0)).to_contain_text("\u05d0\u05d9\u05df \u05d7\u05d1\u05d9\u05dc\u05d4")
    expect(side_bar.frame.locator(".spoken")).to_have_text("Rating: Bad")
    talk.say("visitor", "One more thing")
    expect(side_bar.segments).to_have_count(3)
    expect(side_bar.segments.nth(0)).to_contain_text("Open. No survey yet.")

    # Only the frame's document is checked, because the surrounding page is the test's.
    assert violations(side_bar.page.frames[1]) == []
    assert [address for address in side_bar.urls if "#" not in address and token in address] == []
    frame_page = side_bar.page.frames[1]
    assert token not in frame_page.url and "conversation" not in frame_page.url
    assert [text for text in (press, secret) if text in frame_page.content()] == []
    assert side_bar.page.context.cookies() == []
    assert frame or frame_page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_only_pages_that_the_site_names_may_frame_it(side_bar: SideBar, desk: Desk, pages: Pages, watch: Watch) -> None:
    watch.expect(r"frame-ancestors")
    talk = desk.talk().chat()
    side_bar.open(side_bar.src(talk.id, side_bar.token(talk.id)), pages.other_url)
    side_bar.page.wait_for_timeout(500)
    expect(side_bar.frame.locator("header")).to_have_count(0)
    assert not [address for address in side_bar.urls if "/agent/ratings" in address]

    side_bar.allow(pages.other_url)
    side_bar.open(side_bar.src(talk.id, side_bar.token(talk.id)), pages.other_url)
    expect(side_bar.segments).to_have_count(1)


def test_an_expired_token_is_reported_and_a_new_one_continues_without_a_load(side_bar: SideBar, desk: Desk) -> None:
    talk = desk.talk().chat()
    secret = talk.ask()
    side_bar.open(side_bar.src(talk.id, side_bar.token(talk.id)))
    expect(side_bar.sign).to_have_text("Live")
    side_bar.page.frames[1].evaluate("self.sameDocument = true")

    side_bar.back_end.post("/agents/anna/revoke", {})
    expect(side_bar.note).to_contain_text("Your access has expired.")
    expect(side_bar.sign).to_have_text("")
    expect(side_bar.segments).to_contain_text(["no answer yet"])
    events = side_bar.page.evaluate("self.events")
    assert events == [[side_bar.product.url, {"tilfreds": "expired"}]]
    talk.vote(secret, 3)

    side_bar.page.wait_for_timeout(1100)  # a token of the same second would still be revoked
    side_bar.set_src(side_bar.src(talk.id, side_bar.token(talk.id)))
    expect(side_bar.segments).to_contain_text(["Good"])
    expect(side_bar.note).to_have_text("")
    assert side_bar.page.frames[1].evaluate("self.sameDocument") is True

    other = desk.talk()
    other.say("visitor", "Another chat")
    side_bar.set_src(side_bar.src(other.id, side_bar.token(other.id)))
    expect(side_bar.segments).to_contain_text(["Another chat"])
    expect(side_bar.segments).to_have_count(1)


def test_a_conversation_of_others_is_reported_as_missing(
    side_bar: SideBar, desk: Desk, make: Make, watch: Watch
) -> None:
    watch.expect(failed(r"/agent/ratings\S*", "404"))
    make.agent(desk.site, "kim", "Kim")
    talk = desk.talk()
    talk.say("visitor")
    talk.say("agent", agent="anna")
    other = make.site(name="Other")
    make.agent(other)
    foreign = make.back_end(other).post("/agent-tokens", {"agent": "anna"}).get_json()["token"]

    for name, conversation, token in (
        ("there is none", "none", side_bar.token()),
        ("another agent's", talk.id, side_bar.token(agent="kim")),
        ("another site's", talk.id, foreign),
        ("not the one of the token", talk.id, side_bar.token(make.conversation(desk.site))),
    ):
        side_bar.open(side_bar.src(conversation, token))
        expect(side_bar.note, name).to_have_text(MISSING)
        expect(side_bar.segments).to_have_count(0)
        expect(side_bar.sign).to_have_text("")

    side_bar.open(side_bar.src("", ""))
    expect(side_bar.note).to_contain_text("opened without a conversation")


def test_it_says_when_it_is_not_live_and_comes_back(side_bar: SideBar, desk: Desk, watch: Watch) -> None:
    watch.expect(failed(r"/agent/ratings\S*", "ERR_FAILED"))
    talk = desk.talk().chat()
    secret = talk.ask()
    side_bar.open(side_bar.src(talk.id, side_bar.token(talk.id)))
    expect(side_bar.sign).to_have_text("Live")
    side_bar.page.route("**/agent/ratings*", lambda route: route.abort())
    talk.vote(secret, 1)
    expect(side_bar.sign).to_contain_text("Offline since")
    side_bar.page.unroute("**/agent/ratings*")
    expect(side_bar.segments).to_contain_text(["Bad"], timeout=20_000)
    expect(side_bar.sign).to_have_text("Live")
