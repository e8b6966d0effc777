"""The element while time passes: tokens that end, streams that cannot be had, lists that keep few of their messages."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Response, Route, expect

from tests.browser.agent import Desk
from tests.browser.watch import Watch, failed
from tests.conversations.talk import Talk
from tests.serving import Product
from tests.widget.conftest import press_id
from widget_server.accounts import live_tokens
from widget_server.core import clock

from .pages import Helpdesk

#: Without its stream the element looks every 5 seconds, and tries the stream again after a while.
LOOK_MS, TRY_MS = 6_000, 30_000
#: So long a token of the test lives: the stream that it opens renews it at once, and then it is over.
SHORT = timedelta(seconds=4)
HEAR_THE_END = """void (self.over = new Promise((over) => {
  document.querySelector("tilfreds-ratings").addEventListener("tilfreds:expired", () => over("over"));
}))"""
IS_OVER = "Promise.race([over, new Promise((wait) => setTimeout(wait, 100, 'goes on'))])"


@pytest.fixture
def talk(desk: Desk) -> Talk:
    return desk.talk().chat()


def last_message(talk: Talk) -> str:
    name: str = talk.read()["segments"][0]["messages"][-1]["external_id"]
    return name


def shortened(product: Product, token: str) -> str:
    """Return the same token with a few seconds left."""
    now = clock.now()
    grant = live_tokens.read_token(product.make.secret_keys, token, now)
    return live_tokens.write_token(product.make.secret_keys, replace(grant, expires_at=now + SHORT))


def keep_no_token_of_reads(route: Route) -> None:
    """Only the stream renews: what a reading of the ratings brings with it is taken away."""
    answer = route.fetch()
    headers = {name: value for name, value in answer.headers.items() if name != "tilfreds-token"}
    route.fulfill(response=answer, headers=headers)


def test_a_stream_goes_on_after_its_first_token_is_over(helpdesk: Helpdesk, talk: Talk, product: Product) -> None:
    secret, press, message = talk.ask(), press_id(), last_message(talk)
    helpdesk.page.route("**/agent/ratings*", keep_no_token_of_reads)
    streams: list[str] = []
    helpdesk.page.on("request", lambda request: streams.append(request.url) if "/live/events" in request.url else None)
    token = shortened(product, helpdesk.token_answer(talk)["token"])
    ends = time.monotonic() + SHORT.total_seconds()
    helpdesk.open(talk, token, message)
    helpdesk.page.evaluate(HEAR_THE_END)
    expect(helpdesk.under(message)).to_contain_text("no answer yet")

    helpdesk.page.wait_for_timeout((ends - time.monotonic() + 1) * 1000)
    talk.vote(secret, 1, id=press)
    expect(helpdesk.under(message)).to_contain_text("Bad")
    talk.vote(secret, 3, id=press, rev=2)
    expect(helpdesk.under(message)).to_contain_text("Good")

    assert len(streams) == 1
    assert helpdesk.page.evaluate(IS_OVER) == "goes on"


def test_without_a_stream_it_looks_by_itself_and_comes_back_to_the_stream(
    helpdesk: Helpdesk, talk: Talk, product: Product, watch: Watch
) -> None:
    watch.expect(failed(r"/live/events\S*", "503"))
    secret, press, message = talk.ask(), press_id(), last_message(talk)
    live = f"{product.live_url}/**"
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Headers": "authorization",
        "Access-Control-Expose-Headers": "Retry-After",
        "Retry-After": "1",
    }
    helpdesk.page.route(live, lambda route: route.fulfill(status=503, headers=headers))
    statuses: list[int] = []

    def note(answer: Response) -> None:
        if "/agent/ratings" in answer.url:
            statuses.append(answer.status)

    helpdesk.page.on("response", note)
    helpdesk.page.clock.install()
    helpdesk.open(talk, helpdesk.token_answer(talk)["token"], message)
    expect(helpdesk.under(message)).to_contain_text("no answer yet")
    with helpdesk.page.expect_response(lambda answer: "/agent/ratings" in answer.url and answer.status == 304):
        helpdesk.page.clock.fast_forward(LOOK_MS)

    talk.vote(secret, 1, id=press)
    helpdesk.page.clock.fast_forward(LOOK_MS)
    expect(helpdesk.under(message)).to_contain_text("Bad")
    looks = [status for status in statuses if status != 204]
    assert looks[0] == 200 and looks.count(200) == 2 and set(looks) == {200, 304}

    with helpdesk.page.expect_response(lambda answer: "/live/events" in answer.url and answer.ok) as stream:
        helpdesk.page.unroute(live)
        # A try that has just failed sets its timer only when the page has received the failure.
        while not stream.is_done():
            helpdesk.page.clock.fast_forward(TRY_MS)
            helpdesk.page.wait_for_timeout(50)
    before = len(statuses)
    talk.vote(secret, 3, id=press, rev=2)
    expect(helpdesk.under(message)).to_contain_text("Good")
    assert len(statuses) == before + 1


def test_a_change_that_could_not_be_read_is_read_again(helpdesk: Helpdesk, talk: Talk, watch: Watch) -> None:
    watch.expect(failed(r"/agent/ratings\S*", "ERR_FAILED"))
    secret, message = talk.ask(), last_message(talk)
    with helpdesk.page.expect_response(lambda answer: "/live/events" in answer.url and answer.ok):
        helpdesk.open(talk, helpdesk.token_answer(talk)["token"], message)
        expect(helpdesk.under(message)).to_contain_text("no answer yet")
    helpdesk.page.route("**/agent/ratings*", lambda route: route.abort(), times=1)
    talk.vote(secret, 1)
    expect(helpdesk.under(message)).to_contain_text("Bad")


def test_a_revoked_agent_is_notified_within_five_seconds(helpdesk: Helpdesk, talk: Talk, desk: Desk) -> None:
    talk.ask()
    message = last_message(talk)
    helpdesk.open(talk, helpdesk.token_answer(talk)["token"], message)
    helpdesk.page.evaluate(HEAR_THE_END)
    expect(helpdesk.under(message)).to_contain_text("no answer yet")
    helpdesk.page.wait_for_timeout(1000)
    assert helpdesk.page.evaluate(IS_OVER) == "goes on"

    revoked = time.monotonic()
    helpdesk.product.make.back_end(desk.site).post("/agents/anna/revoke", {})

    while time.monotonic() - revoked < 5 and helpdesk.page.evaluate(IS_OVER) != "over":
        pass
    assert helpdesk.page.evaluate(IS_OVER) == "over"
    expect(helpdesk.under(message)).to_contain_text("no answer yet")


def test_a_list_that_keeps_few_of_its_messages_has_each_rating_where_it_belongs(helpdesk: Helpdesk, talk: Talk) -> None:
    secret, message = talk.ask(), last_message(talk)
    helpdesk.open(talk, helpdesk.token_answer(talk)["token"])
    before = [f"old-{number}" for number in range(40)]
    helpdesk.page.evaluate("ids => list(...ids)", [*before, message, *(f"new-{number}" for number in range(40))])
    bands = helpdesk.page.locator("[part=band]")
    with helpdesk.page.expect_response(
        lambda answer: "/agent/ratings" in answer.url and answer.request.method == "GET"
    ):
        talk.vote(secret, 1)  # while its message is nowhere in the page
    expect(bands).to_have_count(0)

    box = helpdesk.page.locator("main")
    box.hover()
    for _ in range(2):
        box.evaluate("box => { box.scrollTop = 40 * 120 - 60 }")
        expect(helpdesk.under(message)).to_contain_text("Bad")
        expect(bands).to_have_count(1)
        helpdesk.page.mouse.wheel(0, 1200)
        expect(bands).to_have_count(0)
    for _ in range(30):
        helpdesk.page.mouse.wheel(0, -60)  # over the message in small steps, its element reused on the way
    expect(helpdesk.page.locator("[data-message-id=old-34]")).to_have_count(1)
    expect(bands).to_have_count(0)
    box.evaluate("box => { box.scrollTop = 40 * 120 - 60 }")
    expect(helpdesk.under(message)).to_have_count(1)
