"""What pages of all kinds do to the widget without meaning to: each of these has lost answers or disturbed readers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.browser.waiting import PATIENCE_SECONDS
from tests.browser.watch import Watch, failed
from tests.browser.widget.reader import CHAT, RATING, Reader, refusal
from tests.long_cases import cases
from tests.serve.server import wait_until


def test_ids_that_are_numbers(reader: Reader) -> None:
    reader.open(CHAT)
    assert reader.ended(conversation=17, visitor=42)["asked"] is True
    reader.press("Good")
    reader.says("✓ Saved.")
    assert [body["conversation"] for body in reader.of("ended")] == ["17"]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_proxys_own_page_drops_no_answer(reader: Reader, watch: Watch, status: int) -> None:
    watch.expect(failed("/votes", str(status)))
    reader.open()

    def answer(route: Route) -> None:
        headers = {"Access-Control-Allow-Origin": "*"}
        route.fulfill(status=status, body="<h1>Sign in</h1>", content_type="text/html", headers=headers)

    reader.answers("votes", answer)
    reader.press("Good")
    reader.says("Kept on this device")
    reader.page.unroute("**/w/*/votes")
    reader.says("✓ Saved.")
    assert len(reader.votes()) == 1


def test_a_page_with_its_own_self(reader: Reader) -> None:
    reader.open(f"<script>var self = undefined;</script>{RATING}")
    reader.press("Good")
    reader.says("✓ Saved.")
    assert reader.page.evaluate("typeof tilfreds.ended") == "function"


#: Functions of pages that have the browser's name for requests.
OWN_FETCHES = {
    "finds an element": "function fetch(id) { return document.getElementById(id); }",
    "throws": "function fetch(id) { throw new Error(`No ${id}`); }",
    "returns later": "async function fetch(id) {} function post() {} var settings = 1, key = 3, base = 4;",
}


@pytest.mark.parametrize("function", cases(OWN_FETCHES, short=["finds an element"]))
def test_a_page_with_its_own_function_fetch(reader: Reader, watch: Watch, function: str) -> None:
    watch.expect(failed("/votes", "503"))
    reader.open(f"<script>{OWN_FETCHES[function]}</script>{RATING}{CHAT}")
    reader.answers("votes", refusal("unavailable", 503))
    reader.press("Good")
    reader.says("Kept on this device")
    reader.page.unroute("**/w/*/votes")
    reader.says("✓ Saved.")
    reader.comment("From a page with its own function")
    assert reader.ended(conversation="c1")["asked"] is True
    expect(reader.card(1)).to_be_visible()
    (vote,) = reader.votes()
    assert (vote["answer"]["score"], vote["comment"]) == (3, "From a page with its own function")
    assert [body["subject"] for body in reader.of("seen") if "subject" in body] == [reader.path]


REWRITE = """(body) => {
    document.open();
    document.write(`<!doctype html><html lang=en><body>${body}`);
    document.close();
}"""


def test_a_page_that_writes_its_document_again(reader: Reader) -> None:
    """`document.open()` removes every listener from the window and the document; no timer and no element's class."""
    reader.open()
    reader.press("Good")
    reader.says("✓ Saved.")
    reader.page.evaluate(REWRITE, f"<tilfreds-rating subject='/other'></tilfreds-rating>{CHAT}<a href='#x'>x</a>")
    reader.page.evaluate("addEventListener('keydown', () => (self.heard = 1))")
    reader.press("Bad")
    reader.says("✓ Saved.")
    reader.page.get_by_role("button", name="Add a comment").click()
    reader.page.keyboard.press("s")
    assert reader.page.evaluate("self.heard") is None
    reader.page.get_by_role("button", name="Done").click()

    reader.tell("start", conversation="c1")
    reader.tell("end", conversation="c1")
    reader.press("Good", 1)
    reader.says("✓ Saved.", 1)
    reader.received()
    comments = {vote["subject"]: vote["comment"] for vote in reader.votes()}
    assert comments == {reader.path: None, "/other": "s", "c1": None}


def test_two_tabs_with_one_article(reader: Reader) -> None:
    """Dismiss the survey in one tab and answer it in the other, then answer in both."""
    reader.open()
    other = Reader(reader.page.context.new_page(), reader.pages, reader.product, reader.make, reader.site)
    other.page.goto(reader.page.url)
    expect(other.face("Good")).to_be_visible()
    reader.card().get_by_role("button", name="Not now").click()
    expect(reader.card()).to_have_count(0)
    other.press("Good")
    other.says("✓ Saved.")
    for tab in (reader, other):
        tab.page.reload()
        tab.says("You answered Good.")
    assert [vote["answer"]["score"] for vote in reader.votes()] == [3]


def test_an_answer_that_another_tab_gave(reader: Reader) -> None:
    reader.open()
    first, second = (
        Reader(reader.page.context.new_page(), reader.pages, reader.product, reader.make, reader.site) for _ in range(2)
    )
    for tab in (first, second):
        tab.page.goto(reader.page.url)
        expect(tab.face("Good")).to_be_visible()
    reader.press("Good")
    reader.says("✓ Saved.")
    first.press("Good")
    first.says("You answered Good.")
    second.card().get_by_role("button", name="Not now").click()
    expect(second.card()).to_have_count(0)
    second.page.reload()
    second.says("You answered Good.")
    assert [vote["answer"]["score"] for vote in reader.votes()] == [3]


def test_a_card_is_not_printed_unless_the_owner_wants_it(reader: Reader) -> None:
    """Print neither the card nor the space that the page reserves for it, by its style sheet or on the element."""
    reserved = "display: block; min-height: 220px; margin: 40px 0"
    style = f"<style>body {{ margin: 0 }} tilfreds-rating {{ {reserved} }} p {{ margin: 0 }}</style>"
    reader.open(
        f"{style}<p>Text</p>{RATING}<tilfreds-rating subject='/b' style='{reserved}'></tilfreds-rating><p>End</p>"
    )
    expect(reader.card()).to_be_visible()
    reader.page.emulate_media(media="print")
    expect(reader.card()).to_be_hidden()
    first, last = (reader.page.locator("p").nth(at).bounding_box() for at in (0, 1))
    assert first and last and last["y"] == first["y"] + first["height"]
    reader.page.add_style_tag(content="@media print { tilfreds-rating::part(card) { display: block } }")
    expect(reader.card()).to_be_visible()


def test_a_phone_does_not_zoom_into_a_text_box(reader: Reader) -> None:
    """Safari on phones enlarges the page for a text box with letters below 16 px."""
    reader.open()
    reader.press("Good")
    reader.page.get_by_role("button", name="Add a comment").click()
    expect(reader.page.get_by_role("textbox")).to_have_css("font-size", "16px")


def test_a_card_inside_of_other_controls(reader: Reader) -> None:
    """Press in a link, the head of a disclosure and the label of a box, none of which may react."""
    reader.open(
        "<a href='#gone'><tilfreds-rating subject='/a'></tilfreds-rating></a>"
        "<details open><summary><tilfreds-rating subject='/b'></tilfreds-rating></summary>More</details>"
        "<label><input type=checkbox><tilfreds-rating subject='/c'></tilfreds-rating></label>"
    )
    for at in range(3):
        reader.press("Good", at)
        reader.says("Saved", at)
        reader.card(at).get_by_role("button", name="Add a comment").click()
    summary = reader.card(1)
    summary.get_by_role("textbox").click()
    for key in ("a", "Space", "b", "Enter", "c"):
        reader.page.keyboard.press(key)
    expect(summary.get_by_role("textbox")).to_have_value("a b\nc")
    reader.page.keyboard.press("Tab")
    for key in ("Space", "Enter"):
        expect(reader.page.locator("details")).to_have_attribute("open", "")
        reader.page.keyboard.press(key)
    assert reader.page.evaluate("location.hash") == ""
    expect(reader.page.locator("details")).to_have_attribute("open", "")
    expect(reader.page.locator("input")).not_to_be_checked()
    assert len(reader.votes()) == 3


def test_a_look_that_the_survey_does_not_have(reader: Reader) -> None:
    messages: list[str] = []
    reader.page.on("console", lambda message: messages.append(message.text))
    reader.open('<tilfreds-rating look="stars"></tilfreds-rating><tilfreds-rating look="words"></tilfreds-rating>')
    expect(reader.card(1).get_by_role("group")).to_have_class("words")
    expect(reader.card(0).get_by_role("group")).to_have_class("faces")
    expect(reader.face("Good").locator("svg")).to_be_visible()
    hint = 'This survey has no look "stars". Remove the attribute, or choose "faces" or "words".'
    assert wait_until(lambda: reader.page.evaluate("true") and bool(messages), PATIENCE_SECONDS)
    assert messages == [f"tilfreds: {hint}"]
