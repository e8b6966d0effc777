"""The network between reader and server fails in every way.

The page never notices, and no answer is lost or shown as saved before it was.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NewPage
from tests.browser.pages import Pages
from tests.browser.watch import Watch, failed
from tests.browser.widget.reader import MEASURE, RATING, REQUESTS, Reader, refusal
from tests.factories import MadeSite, Make
from tests.serving import Product

KEPT = "Kept on this device until it can be sent."
HTML = "<!doctype html><title>Oh</title><h1>Sign in to the network of this hotel</h1>"
SCRIPT = r"/w/\w+\.js"
REFUSED = rf"^console: Refused to execute script from '\S+{SCRIPT}'"
Fault = Callable[[Route], None]

SCRIPT_FAULTS: dict[str, Fault] = {
    "down": lambda route: route.abort("connectionrefused"),
    "a 500": lambda route: route.fulfill(status=500, body="Oh"),
    "another type": lambda route: route.fulfill(
        body="self.never = 1", content_type="text/plain", headers={"X-Content-Type-Options": "nosniff"}
    ),
    "HTML": lambda route: route.fulfill(
        body=HTML, content_type="text/html", headers={"X-Content-Type-Options": "nosniff"}
    ),
}
VOTE_FAULTS: dict[str, Fault] = {
    "down": lambda route: route.abort("connectionrefused"),
    "a 500": lambda route: route.fulfill(status=500, body="Oh", headers={"Access-Control-Allow-Origin": "*"}),
    "a 503": refusal("unavailable", 503),
    "HTML": lambda route: route.fulfill(
        body=HTML, content_type="text/html", headers={"Access-Control-Allow-Origin": "*"}
    ),
}
#: The console's line for a file that failed to load, or that is not a script.
SCRIPT_WORDS = {
    "down": failed(SCRIPT, "ERR_CONNECTION_REFUSED"),
    "a 500": failed(SCRIPT, "500"),
    "another type": REFUSED,
    "HTML": REFUSED,
}
VOTE_WORDS = {"down": "ERR_CONNECTION_REFUSED", "a 500": "500", "a 503": "503"}
#: A long task starts at 50 ms. A page may have one itself on a busy machine, so the quietest of some visits counts.
VISITS = 3
LONG_MS = 50


@pytest.mark.parametrize("fault", SCRIPT_FAULTS)
def test_a_page_works_without_our_file(reader: Reader, watch: Watch, fault: str) -> None:
    """Log nothing but the browser's line for a failed file; the page may still report the end of its chat."""
    watch.expect(SCRIPT_WORDS[fault])
    reader.page.add_init_script(MEASURE)
    reader.page.route("**/w/*.js", SCRIPT_FAULTS[fault])
    shift, long = visits(reader, tag=reader.tag)
    assert reader.page.evaluate("document.querySelector('tilfreds-rating').shadowRoot") is None
    plain_shift, plain_long = visits(reader, tag="")
    assert (shift, plain_shift) == (0, 0)
    assert long <= plain_long + LONG_MS


def visits(reader: Reader, tag: str) -> tuple[float, float]:
    """Return the total layout shift of a page, and the total time of long tasks in its quietest visit."""
    moved, longest = 0.0, []
    for _ in range(VISITS):
        reader.open(f"{RATING}<p>After</p>" * 20, tag=tag)
        reader.page.wait_for_load_state("networkidle")
        reader.tell("start", conversation="c1")
        reader.tell("end", conversation="c1")
        expect(reader.page.get_by_text("After").last).to_be_visible()
        # Two frames, so that what they moved was reported.
        reader.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        moved += reader.page.evaluate("self.shift")
        longest.append(sum(reader.page.evaluate("self.long")))
    return moved, min(longest)


def test_a_slow_file_holds_up_nothing(reader: Reader) -> None:
    waiting: list[Route] = []
    reader.page.route("**/w/*.js", lambda route: waiting.append(route))
    reader.pages.put(f"<h1>Help</h1>{RATING}{reader.tag}<p>After</p>", "/slow")
    reader.page.goto(f"{reader.pages.url}/slow", wait_until="domcontentloaded")
    expect(reader.page.get_by_text("After")).to_be_visible()
    waiting[0].continue_()
    reader.press("Good")
    reader.says("Saved")


@pytest.mark.parametrize("fault", VOTE_FAULTS)
def test_an_answer_is_kept_and_sent_when_it_can_be(reader: Reader, watch: Watch, fault: str) -> None:
    if fault in VOTE_WORDS:
        watch.expect(failed("/votes", VOTE_WORDS[fault]))
    reader.open()
    reader.answers("votes", VOTE_FAULTS[fault])
    reader.press("OK")
    reader.says(KEPT)
    reader.page.unroute("**/w/*/votes")
    reader.says("Saved")
    assert [vote["answer"]["score"] for vote in reader.votes()] == [2]
    assert len({(body["id"], body["rev"]) for body in reader.of("votes")}) == 1


@pytest.mark.long
def test_a_server_that_hangs_is_not_waited_for_for_ever(reader: Reader) -> None:
    hanging: list[Route] = []
    reader.page.clock.install()
    reader.open()
    reader.answers("votes", lambda route: hanging.append(route))
    reader.press("Bad")
    reader.says("Saving")
    # Requests end by the browser's own clock, which a test cannot turn.
    expect(reader.card().locator("output")).to_have_text(KEPT, timeout=25_000)
    reader.page.unroute("**/w/*/votes")
    reader.page.clock.run_for(5_000)
    reader.says("Saved")
    assert len(reader.votes()) == 1


def test_retry_after_is_honoured(reader: Reader, watch: Watch) -> None:
    watch.expect(failed("/votes", "429"))
    watch.expect("^answer 429: .*/votes$")
    body = '{"code": "too_many", "status": 429}'
    headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After", "Retry-After": "40"}
    reader.page.clock.install()
    reader.open()
    reader.answers("votes", lambda route: route.fulfill(status=429, body=body, headers=headers))
    reader.press("Good")
    reader.says(KEPT)
    reader.page.unroute("**/w/*/votes")
    reader.page.clock.run_for(39_000)
    assert len(reader.of("votes")) == 1
    reader.page.clock.run_for(2_000)
    reader.says("Saved")
    assert len(reader.of("votes")) == 2


def test_offline_then_closed_then_another_page_of_the_site(reader: Reader, watch: Watch) -> None:
    """The kept answer goes out from whatever page comes next, once, and is known where it was given."""
    watch.expect(failed(REQUESTS, "ERR_INTERNET_DISCONNECTED"))
    reader.open()
    address = reader.page.url
    expect(reader.face("Good")).to_be_visible()
    reader.page.context.set_offline(True)
    reader.press("Good")
    reader.says(KEPT)
    reader.press("Bad")
    reader.page.close()

    reader.page = reader.page.context.new_page()
    reader.page.on("request", reader._note)
    reader.page.context.set_offline(False)
    with reader.page.expect_response(lambda response: response.url.endswith("/votes")):
        reader.open("<p>Another article</p>")
    (vote,) = reader.votes()
    assert vote["answer"]["score"] == 1
    reader.received()
    reader.page.goto(address)
    reader.says("You answered Bad.")


def test_the_first_press_without_a_network_says_that_it_is_sent_later(reader: Reader, watch: Watch) -> None:
    """Not even the part that reads replies was there; it is asked for again, by another name."""
    watch.expect(failed(REQUESTS, "ERR_INTERNET_DISCONNECTED"))
    reader.open()
    expect(reader.face("Good")).to_be_visible()
    reader.page.context.set_offline(True)
    reader.press("Good")
    reader.says(KEPT)
    reader.page.context.set_offline(False)
    reader.says("Saved")
    assert len(reader.votes()) == 1


def test_an_answer_waiting_in_two_tabs_is_one_vote(reader: Reader, watch: Watch) -> None:
    watch.expect(failed("/votes", "503"))
    reader.open()
    other = reader.page.context.new_page()
    other.goto(reader.page.url)
    expect(other.get_by_role("button", name="Good")).to_be_visible()
    reader.answers("votes", VOTE_FAULTS["a 503"])
    reader.press("Good")
    reader.says(KEPT)
    other.get_by_role("button", name="OK").click()
    expect(other.locator("tilfreds-rating output")).to_contain_text("Saved")
    reader.says("You answered OK.")
    reader.page.unroute("**/w/*/votes")
    (vote,) = reader.votes()
    assert vote["answer"]["score"] == 2


@pytest.mark.parametrize("pause", [0, 100])
def test_leaving_at_once_after_the_press(reader: Reader, pause: int) -> None:
    reader.open()
    reader.press("Good")
    reader.page.wait_for_timeout(pause)
    reader.page.goto(reader.pages.put("<p>Elsewhere, without the tag</p>"))
    for _ in range(50):
        if reader.votes():
            break
        reader.page.wait_for_timeout(100)
    assert [vote["answer"]["score"] for vote in reader.votes()] == [3]


def test_coming_back_by_the_history_votes_no_second_time(
    new_page: NewPage, pages: Pages, product: Product, make: Make, site: MadeSite
) -> None:
    page: Page = new_page()
    reader = Reader(page, pages, product, make, site).open()
    reader.press("Good")
    reader.says("Saved")
    page.goto(pages.put("<p>Elsewhere</p>"))
    page.go_back()
    assert reader.lit() == ["Good"]
    assert len(reader.of("votes")) == 1
