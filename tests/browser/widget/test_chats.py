"""The end of a chat, reported by event, by call or by the back end, with the survey where the page wants it."""

from __future__ import annotations

import hashlib
import time

import pytest
from playwright.sync_api import Route, expect

from tests.browser.waiting import wait_until_true
from tests.browser.watch import Watch, failed
from tests.browser.widget.reader import CHAT, Reader
from tests.invitations.signing import signed
from tests.js.test_node import STATIC

README = (STATIC / "README.md").read_text("utf-8")
#: A running chat polls every 5 to 10 seconds.
POLL_MS = 11_000
PART = r"/w/-/page-\w+\.js\?*"


def test_the_survey_appears_in_the_element_for_chats(reader: Reader) -> None:
    reader.open(CHAT)
    wait_until_true(reader.page, "self.tilfreds")
    expect(reader.page.locator("[part=card]")).to_have_count(0)
    reader.tell("start", conversation="c1")
    reader.tell("end")
    reader.press("Good")
    reader.says("Saved")
    assert [body["conversation"] for body in reader.of("ended")] == ["c1"]


def test_a_start_and_an_end_at_once_are_handled_in_their_order(reader: Reader) -> None:
    """Dispatch both while the part that handles them is still loading."""

    def delay(route: Route) -> None:
        time.sleep(0.03)
        route.continue_()

    reader.page.route("**/w/-/page*", delay)
    for number in range(4):
        reader.open(CHAT)
        wait_until_true(reader.page, "self.tilfreds")
        reader.page.evaluate(
            """(conversation) => ["start", "end"].forEach((what) => document.dispatchEvent(
            new CustomEvent(`tilfreds:${what}`, { detail: what == "start" ? { conversation } : {} })))""",
            f"c{number}",
        )
        reader.press("Good")
        reader.says("Saved")
    assert [body["conversation"] for body in reader.of("ended")] == ["c0", "c1", "c2", "c3"]


EARLY = """<script>
  self.tilfreds ??= [];
  tilfreds.push((tilfreds) => tilfreds.on("voted", (event) => (self.score = event.detail.score)));
  tilfreds.push((tilfreds) => tilfreds.started({ conversation: "c1" }));
  tilfreds.push(() => { throw new Error("the page's own"); });
  tilfreds.push((tilfreds) => tilfreds.ended().then((result) => (self.asked = result.asked)));
</script>"""


def test_calls_before_the_script_are_handled_in_their_order(reader: Reader, watch: Watch) -> None:
    watch.expect("the page's own")
    reader.open(CHAT + EARLY)
    reader.press("Good")
    reader.says("Saved")
    assert [body["conversation"] for body in reader.of("ended")] == ["c1"]
    wait_until_true(reader.page, "self.score == 3 && self.asked")
    reader.page.evaluate(
        """() => { tilfreds.push((tilfreds) => tilfreds.started({ conversation: "c2" }));
        (self.tilfreds ??= []).push((tilfreds) => tilfreds.ended()); }"""
    )
    expect(reader.card().locator("output")).to_be_empty()
    assert [body["conversation"] for body in reader.of("ended")] == ["c1", "c2"]


def test_the_documented_snippet_for_the_hash_gives_up_after_two_seconds(reader: Reader, watch: Watch) -> None:
    """A page's chat starts where the script is blocked, and has the hash where it is not."""
    section = README[README.index("const readHash") :]
    snippet = section[: section.index("```")]
    read = f"async () => {{ {snippet}; return hash; }}"
    reader.open()
    assert len(reader.page.evaluate(read)) == 64
    watch.expect(failed(r"/w/\w+\.js", "ERR_FAILED"))
    reader.page.route("**/w/*.js", lambda route: route.abort())
    reader.page.clock.install()
    reader.open()
    reader.page.evaluate(f"() => {{ self.done = false; ({read})().then((hash) => {{ self.done = [hash]; }}); }}")
    reader.page.clock.run_for(1_900)
    assert reader.page.evaluate("self.done") is False
    reader.page.clock.run_for(200)
    assert reader.page.evaluate("self.done[0] === undefined")


@pytest.mark.parametrize("started", [False, True], ids=["the end alone", "after a start that waits too"])
def test_an_end_is_handled_though_the_part_failed_to_load_at_first(reader: Reader, watch: Watch, started: bool) -> None:
    watch.expect(failed(PART, "ERR_FAILED"))
    reader.page.route("**/w/-/page*", lambda route: route.abort(), times=1)
    reader.open(CHAT)
    wait_until_true(reader.page, "self.tilfreds")
    with reader.page.expect_event("requestfailed"):
        reader.tell("start" if started else "end", conversation="c1")
    if started:
        reader.tell("end")
    reader.press("Good")
    reader.says("Saved")
    assert [body["conversation"] for body in reader.of("ended")] == ["c1"]


def test_calls_resolve_though_the_part_failed_to_load_at_first(reader: Reader, watch: Watch) -> None:
    watch.expect(failed(PART, "ERR_FAILED"))
    reader.page.route("**/w/-/page*", lambda route: route.abort(), times=1)
    reader.open(CHAT)
    assert reader.ended(conversation="c1")["asked"] is True
    assert len(reader.page.evaluate("tilfreds.browser()")) == 64


def test_the_survey_appears_in_the_target_of_the_event(reader: Reader, subtests: pytest.Subtests) -> None:
    for conversation, target in (("c1", "'#here'"), ("c2", "document.querySelector('#here')")):
        with subtests.test(target=target):
            reader.open('<div id="here"></div>')
            wait_until_true(reader.page, "self.tilfreds")
            detail = f"{{ detail: {{ conversation: '{conversation}', target: {target} }} }}"
            reader.page.evaluate(f"() => {{ document.dispatchEvent(new CustomEvent('tilfreds:end', {detail})) }}")
            reader.press("OK")
            reader.says("Saved")
            expect(reader.page.locator("#here > tilfreds-rating")).to_have_count(1)


def test_without_a_place_the_console_says_why(reader: Reader) -> None:
    console_lines: list[str] = []
    reader.page.on("console", lambda message: console_lines.append(message.text))
    reader.open("<p>No place</p>")
    assert reader.ended(conversation="c1")["asked"] is True
    assert len(console_lines) == 1
    assert "was not found" in console_lines[0]


def test_a_decision_not_to_ask_leaves_the_shown_survey(reader: Reader) -> None:
    reader.open(CHAT)
    assert reader.ended(conversation="c1")["asked"] is True
    expect(reader.face("Good")).to_be_visible()
    console_lines: list[str] = []
    reader.page.on("console", lambda message: console_lines.append(message.text))
    reader.answers(
        "ended",
        lambda route: route.fulfill(
            json={"asked": False, "reason": "no_visitor_message"}, headers={"Access-Control-Allow-Origin": "*"}
        ),
    )
    assert reader.ended(conversation="c1") == {"asked": False, "reason": "no_visitor_message"}
    assert console_lines == ["tilfreds: No survey is shown (no_visitor_message)."]
    reader.press("Good")
    reader.says("Saved")


def test_a_new_segment_of_the_chat_has_a_new_survey(reader: Reader) -> None:
    """End the conversation twice; the back end names this browser, so the second end has a separate survey."""
    reader.open(CHAT)
    wait_until_true(reader.page, "self.tilfreds")
    reader.tell("start", conversation="c7")
    browser = reader.page.evaluate("tilfreds.browser()")
    conversation = reader.make.chat(reader.site, "c7", browser=browser)
    assert reader.ended()["asked"] is True
    reader.press("Bad")
    reader.says("Saved")
    reader.tell("start", conversation="c7")
    reader.make.message(reader.site, conversation, "visitor", "One thing more.")
    reader.make.message(reader.site, conversation, "visitor", "Where is it?")
    reader.make.message(reader.site, conversation, "agent", "On its way.", agent="anna")
    assert reader.ended()["asked"] is True
    expect(reader.card().locator("output")).to_be_empty()
    assert reader.lit() == []
    reader.press("Good")
    reader.says("Saved")
    assert sorted(vote["answer"]["score"] for vote in reader.votes()) == [1, 3]


def test_the_poll_finds_an_end_that_only_the_back_end_knows(reader: Reader) -> None:
    reader.page.clock.install()
    reader.open(CHAT)
    wait_until_true(reader.page, "self.tilfreds")
    reader.tell("start", conversation="c8")
    conversation = reader.make.chat(reader.site, "c8", browser=reader.page.evaluate("tilfreds.browser()"))
    reader.make.end(reader.site, conversation)
    reader.page.clock.fast_forward(POLL_MS)
    expect(reader.face("Good")).to_be_visible()
    assert reader.of("ended") == []
    # A reload in the middle of a chat continues where it was.
    reader.press("OK")
    reader.says("Saved")
    reader.page.reload()
    wait_until_true(reader.page, "self.tilfreds")
    reader.tell("start", conversation="c8")
    reader.says("You answered OK.")


@pytest.mark.parametrize("has_id", [True, False], ids=["by its id", "by the visitor alone"])
def test_a_signed_chat_that_starts_before_its_back_end_reports_it(reader: Reader, has_id: bool) -> None:
    """Keep polling, without a line in the console, until the back end reports the chat."""
    proof = signed(reader.site, int(time.time()) + 600, "ann")
    attributes = " ".join(f'{name}="{value}"' for name, value in proof.items())
    reader.page.clock.install()
    reader.open(f'<tilfreds-rating kind="conversation" {attributes}></tilfreds-rating>')
    wait_until_true(reader.page, "self.tilfreds")
    with reader.page.expect_response("**/poll") as first:
        reader.tell("start", **({"conversation": "c10"} if has_id else {}))
    assert first.value.status == 204
    conversation = reader.make.chat(reader.site, "c10", visitor="ann")
    reader.make.end(reader.site, conversation)
    reader.page.clock.fast_forward(POLL_MS)
    expect(reader.face("Good")).to_be_visible()
    reader.press("Good")
    reader.says("Saved")
    assert [vote["verified"] for vote in reader.votes()] == [True]


def test_the_poll_rests_without_a_chat_after_its_end_and_in_the_background(reader: Reader) -> None:
    reader.page.clock.install()
    reader.open(CHAT)
    wait_until_true(reader.page, "self.tilfreds")
    reader.page.clock.run_for(60_000)
    assert reader.of("poll") == []
    with reader.page.expect_response("**/poll"):
        reader.tell("start", conversation="c1")
    # The widget reads the browser's own property of the document, so the test replaces that.
    reader.page.evaluate("""() => {
      self.visibility = Object.getOwnPropertyDescriptor(Document.prototype, "hidden");
      Object.defineProperty(Document.prototype, "hidden", { get: () => true, configurable: true });
    }""")
    reader.page.clock.run_for(60_000)
    assert len(reader.of("poll")) == 1
    reader.page.evaluate("() => { Object.defineProperty(Document.prototype, 'hidden', self.visibility) }")
    with reader.page.expect_response("**/poll"):
        reader.page.clock.run_for(11_000)
    reader.tell("end")
    reader.page.wait_for_load_state("networkidle")
    polls = len(reader.of("poll"))
    reader.page.clock.run_for(60_000)
    assert len(reader.of("poll")) == polls


def test_the_page_receives_only_the_hash_of_the_secret(reader: Reader) -> None:
    reader.open(CHAT)
    wait_until_true(reader.page, "self.tilfreds")
    reader.tell("start", conversation="c1")
    browser_hash = reader.page.evaluate("tilfreds.browser()")
    reader.ended()
    (body,) = reader.of("ended")
    assert browser_hash == hashlib.sha256(body["browser"].encode()).hexdigest()
    reader.tell("start", conversation="c2")
    assert reader.page.evaluate("tilfreds.browser()") != browser_hash


def test_a_reload_brings_the_question_back_and_the_answer_with_it(reader: Reader) -> None:
    reader.open(CHAT)
    reader.ended(conversation="c1")
    reader.press("Good")
    reader.says("Saved")
    reader.page.reload()
    reader.ended(conversation="c1")
    reader.says("You answered Good.")
    # The browser forgets, the server does not.
    reader.page.evaluate("localStorage.clear()")
    reader.page.reload()
    reader.ended(conversation="c1")
    reader.says("You answered Good.")
    reader.page.get_by_role("button", name="Change").click()
    reader.press("Bad")
    reader.says("Saved")
    assert [vote["answer"]["score"] for vote in reader.votes()] == [1]


def test_the_end_is_reported_until_the_server_responds(reader: Reader, watch: Watch) -> None:
    watch.expect(failed("/ended", "ERR_FAILED"))
    reader.open(CHAT)
    wait_until_true(reader.page, "self.tilfreds")
    reader.page.route("**/w/*/ended", lambda route: route.abort(), times=2)
    reader.tell("end", conversation="c1")
    expect(reader.face("Good")).to_be_visible(timeout=15_000)
