"""An open page of the console shows a rating when it arrives, and nothing else moves."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response, Route, expect

from tests.conversations.talk import Talk
from tests.serving import Product
from tests.widget.conftest import press_id

from .agent import Agent, Desk
from .watch import Watch, failed

#: Without its stream the page polls every 5 seconds.
POLL_MS = 6_000
#: Longer than the page waits between two polls, and between two attempts to open the stream.
PATIENCE_MS = 40_000
NewPage = Callable[..., Page]


@pytest.fixture
def agent(product: Product, desk: Desk, new_page: NewPage) -> Agent:
    return Agent(product, desk.site, new_page, viewport={"width": 1180, "height": 700})


def test_a_rating_appears_under_its_message_without_a_reload(agent: Agent, desk: Desk) -> None:
    talk = desk.talk(title="Order 4411").chat()
    token = talk.ask()
    agent.read(talk)
    expect(agent.bands).to_contain_text(["no answer yet"])
    agent.page.evaluate("self.sameDocument = true")

    talk.vote(token, 1, comment="Still no parcel")

    expect(agent.bands).to_contain_text(["Bad"])
    expect(agent.bands.locator("q")).to_have_text("Still no parcel")
    expect(agent.rows.first).to_contain_text("Bad · “Still no parcel”")
    expect(agent.page.locator(".spoken[role=status]")).to_have_text("Rating: Bad")
    expect(agent.page.locator(".side")).to_contain_text("Rated")
    assert agent.page.evaluate("self.sameDocument") is True


def test_the_chat_continues_and_each_segment_keeps_its_rating(agent: Agent, desk: Desk) -> None:
    talk = desk.talk().chat()
    talk.vote(talk.ask(), 3)
    agent.read(talk)
    talk.say("visitor", "One more thing")
    expect(agent.page.locator(".message").last).to_contain_text("One more thing")
    expect(agent.bands).to_contain_text(["Good", "Open"])
    talk.say("visitor", "Are you there?")
    talk.say("agent", "Yes, at once")
    talk.vote(talk.ask(), 1)

    expect(agent.bands).to_contain_text(["Good", "Bad"])

    keys = agent.page.locator("[data-keyed=messages] > *").evaluate_all(
        "all => all.map(one => one.dataset.key.split('-')[0])"
    )
    assert keys == ["cut", "message", "message", "band", "cut", "message", "message", "message", "band"]


def test_scroll_focus_and_open_details_stay_when_a_rating_changes(agent: Agent, desk: Desk) -> None:
    talk = long_talk(desk)
    talk.say("agent")
    token, press = talk.ask(), press_id()
    talk.vote(token, 1, id=press, rev=1)
    talk.vote(token, 2, id=press, rev=2)
    agent.read(talk)
    summary = agent.bands.locator("summary")
    summary.click()
    expect(summary).to_be_focused()
    before = agent.page.evaluate("document.querySelector('main').scrollTop")
    messages = agent.page.locator(".message").first
    messages.evaluate("one => { one.untouched = true }")

    talk.vote(token, 3, id=press, rev=3)

    expect(agent.bands.locator("b")).to_have_text("Good")
    expect(agent.bands.locator("details")).to_have_attribute("open", "")
    expect(agent.bands.locator("li")).to_have_count(3)
    expect(agent.bands.locator("summary")).to_be_focused()
    assert messages.evaluate("one => one.untouched") is True
    # The history grew by a line below; what was read stays where it was, or the end stays the end.
    assert agent.page.evaluate("document.querySelector('main').scrollTop") >= before


def long_talk(desk: Desk) -> Talk:
    """Return a chat several times as high as the window, of few messages: each is a request."""
    talk = desk.talk()
    for number in range(8):
        talk.say("visitor", f"Message {number}. " + "It is a long story. " * 50)
    return talk


def test_a_new_message_scrolls_only_a_page_that_is_at_its_end(agent: Agent, desk: Desk) -> None:
    talk = long_talk(desk)
    agent.read(talk)
    assert agent.page.evaluate("document.querySelector('main').scrollHeight") > 2_000
    agent.page.evaluate("document.querySelector('main').scrollTop = 300")
    talk.say("agent", "A new line")
    expect(agent.page.locator(".message").last).to_contain_text("A new line")
    assert agent.page.evaluate("document.querySelector('main').scrollTop") == 300
    agent.page.evaluate("one = document.querySelector('main'); one.scrollTop = one.scrollHeight")
    talk.say("agent", "The last line")
    expect(agent.page.get_by_text("The last line")).to_be_in_viewport()


def test_a_new_conversation_appears_at_the_top_of_the_list(agent: Agent, desk: Desk) -> None:
    agent.open()
    expect(agent.page.get_by_text("Send the first conversation")).to_be_visible()
    desk.talk(title="First").chat()
    expect(agent.rows.locator("b")).to_have_text(["First"])
    desk.talk(title="Second").chat()
    expect(agent.rows.locator("b")).to_have_text(["Second", "First"])


def test_a_filtered_list_stays_true_to_its_filter(agent: Agent, desk: Desk) -> None:
    talk = desk.talk(title="Mine").chat()
    token = talk.ask()
    agent.open("conversations?status=waiting")
    expect(agent.rows.locator("b")).to_have_text(["Mine"])
    talk.vote(token, 3)
    expect(agent.page.get_by_text("No surveys are waiting for an answer.")).to_be_visible()


def test_ratings_of_articles_are_counted_live(agent: Agent, desk: Desk) -> None:
    agent.open("articles")
    desk.readers.vote({"kind": "article", "subject": "/help/a"}, 1, comment="Where is the number?")
    expect(agent.page.locator(".figure")).to_contain_text("Where is the number?")
    expect(agent.page.locator(".counts .negative b")).to_have_text("1")


def test_typed_text_stays_while_the_list_refreshes(agent: Agent, desk: Desk) -> None:
    article = {"kind": "article", "subject": "/help/a"}
    desk.readers.vote(article, 1, comment="A test of ours")
    agent.open("articles")
    agent.page.locator(".comments summary", has_text="Exclude").first.click()
    reason = agent.page.locator("input[name=reason]")
    reason.press_sequentially("a tst")
    reason.press("ArrowLeft")
    reason.press("ArrowLeft")
    desk.readers.vote(article, 3)
    expect(agent.page.locator(".counts .positive b")).to_have_text("1")
    reason.press("e")
    expect(reason).to_have_value("a test")
    agent.page.get_by_role("button", name="Exclude", exact=True).click()
    expect(agent.page.locator(".excluded")).to_contain_text("a test")


def test_ratings_of_agents_are_counted_live(agent: Agent, desk: Desk) -> None:
    desk.product.make.agent(desk.site)
    talk = desk.talk()
    talk.say("visitor")
    talk.say("agent", agent="anna")
    token = talk.ask()
    agent.open("agents")
    expect(agent.page.locator(".counts .negative b")).to_have_text("0")
    talk.vote(token, 1)
    expect(agent.page.locator(".counts .negative b")).to_have_text("1")
    agent.page.locator(".figure h2 a").click()
    agent.expect_live()
    talk.vote(token, 3)
    expect(agent.page.locator("[data-key=total] .negative b")).to_have_text("0")


def test_while_the_stream_is_cut_the_page_looks_by_itself_and_says_so(agent: Agent, desk: Desk, watch: Watch) -> None:
    watch.expect(failed(r"/live/events\S*", "ERR_FAILED"))
    talk = desk.talk().chat()
    token = talk.ask()
    streams = f"{desk.product.live_url}/**"
    agent.page.route(streams, lambda route: route.abort())
    agent.page.clock.install()
    agent.page.goto(f"{desk.product.url}/console/{desk.site.key}/conversations/{talk.read()['id']}")
    expect(agent.sign).to_contain_text("Not live since")
    expect(agent.sign).to_contain_text("Updates every 5 seconds")

    talk.vote(token, 3)
    agent.page.clock.fast_forward(POLL_MS)
    expect(agent.bands).to_contain_text(["Good"])

    agent.page.unroute(streams)
    agent.page.clock.fast_forward(PATIENCE_MS)
    expect(agent.sign).to_have_text("Live")


def test_a_look_of_its_own_costs_a_line_while_nothing_has_changed(agent: Agent, desk: Desk, watch: Watch) -> None:
    watch.expect(failed(r"/live/events\S*", "ERR_FAILED"))
    talk = desk.talk().chat()
    token = talk.ask()
    agent.page.route(f"{desk.product.live_url}/**", lambda route: route.abort())
    statuses: list[int] = []

    def note(answer: Response) -> None:
        if answer.url.endswith("fragment=transcript"):
            statuses.append(answer.status)

    agent.page.on("response", note)
    agent.page.clock.install()
    agent.page.goto(f"{desk.product.url}/console/{desk.site.key}/conversations/{talk.read()['id']}")
    expect(agent.sign).to_contain_text("Not live since")
    for _ in range(2):
        with agent.page.expect_response("**?fragment=transcript"):
            agent.page.clock.fast_forward(POLL_MS)
    assert statuses[:1] == [200] and set(statuses[1:]) == {304}

    talk.vote(token, 3)
    agent.page.clock.fast_forward(POLL_MS)

    expect(agent.bands).to_contain_text(["Good"])


def test_the_restarted_live_process_sends_what_happened_meanwhile(agent: Agent, desk: Desk, watch: Watch) -> None:
    watch.expect(failed(r"/live/events\S*", "ERR_"))
    talk = desk.talk().chat()
    token = talk.ask()
    agent.read(talk)
    for pid in desk.product.of("live.py"):
        os.kill(pid, signal.SIGKILL)
    talk.vote(token, 3)
    expect(agent.bands).to_contain_text(["Good"], timeout=PATIENCE_MS)
    expect(agent.sign).to_have_text("Live", timeout=PATIENCE_MS)


def test_a_change_that_could_not_be_read_is_read_later_though_the_stream_stayed(
    agent: Agent, desk: Desk, watch: Watch
) -> None:
    watch.expect(failed(r"/conversations/\S+\?fragment=transcript", "ERR_FAILED"))
    talk = desk.talk().chat()
    token = talk.ask()
    agent.read(talk)
    aborted: list[str] = []

    def fail_twice(route: Route) -> None:
        if len(aborted) < 2:
            aborted.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    agent.page.route("**/conversations/*?fragment=transcript", fail_twice)
    talk.vote(token, 3)
    expect(agent.bands).to_contain_text(["Good"], timeout=PATIENCE_MS)
    assert len(aborted) == 2
    expect(agent.sign).to_have_text("Live")


def test_a_rating_is_not_missed_while_its_conversation_opens(agent: Agent, desk: Desk) -> None:
    first, other = desk.talk(title="First").chat(), desk.talk(title="Other").chat()
    token = first.ask()
    agent.read(other)

    def answer_meanwhile(route: Route) -> None:
        response = route.fetch()
        # The page receives another change first, and then the conversation as it was before the rating.
        with agent.page.expect_response("**?fragment=list"):
            first.vote(token, 3)
        route.fulfill(response=response)

    agent.page.route(f"**/{first.read()['id']}?fragment=transcript", answer_meanwhile, times=1)
    agent.page.get_by_role("link", name="First").click()
    expect(agent.bands).to_contain_text(["Good"])


def test_signing_out_in_another_tab_is_shown(agent: Agent, desk: Desk, watch: Watch) -> None:
    watch.expect(failed(r"/console/\S*", "401"))
    agent.open()
    other = agent.page.context.new_page()
    other.goto(f"{desk.product.url}/console/{desk.site.key}/articles")
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("heading", name="Signed out")).to_be_visible()
    desk.talk().chat()
    expect(agent.sign).to_have_text("Signed out. Reload the page to sign in again.")
    expect(agent.rows).to_have_count(0)


def test_the_live_token_is_in_no_address(agent: Agent, desk: Desk) -> None:
    urls: list[str] = []
    agent.page.on("request", lambda request: urls.append(request.url))
    agent.read(desk.talk().chat())
    streams = [url for url in urls if "/live/events" in url]
    assert streams
    assert not [url for url in urls if "tfl_" in url]
    assert urlsplit(streams[0]).netloc == urlsplit(desk.product.live_url).netloc
