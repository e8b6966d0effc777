"""Unkind host pages, where Firefox and WebKit may differ from Chromium."""

from __future__ import annotations

import pytest

from tests.browser.engines.visitor import CHOICE, LINK, ROOT, Visitor
from tests.browser.widget.reader import CHAT, RATING
from tests.browser.widget.test_clobbering import WORDS, clobbered, form
from tests.browser.widget.test_host_pages import OWN_FETCHES
from tests.browser.widget.test_page_keys import IN_SURROUNDINGS, LISTEN, TYPED
from tests.browser.widget.test_page_wrappers import WRAPPERS

#: Names that WebDriver and this test need in the page.
NEEDED = {"querySelector", "querySelectorAll", "documentElement", "defaultView", "scrollIntoView", "body"}
#: Keys of WebDriver for the names that Playwright has.
KEYS = {
    "Space": " ",
    "ArrowLeft": "\ue012",
    "ArrowDown": "\ue015",
    "Home": "\ue011",
    "PageDown": "\ue00f",
    "Backspace": "\ue003",
    "Enter": "\ue007",
}


def script(source: str) -> str:
    return f"<script nonce=page>{source}</script>"


def open_comment(visitor: Visitor) -> None:
    visitor.press(CHOICE, 0)
    visitor.says("Saved")
    visitor.press(LINK, 0)
    visitor.place("textarea")
    visitor.engine.until(f"return {IN_SURROUNDINGS}")


def test_keys_of_the_card_stay_there(visitor: Visitor) -> None:
    visitor.open(LISTEN.replace("<script>", "<script nonce=page>") + RATING)
    open_comment(visitor)
    visitor.engine.run("self.heard = []")
    visitor.engine.keys(*(KEYS.get(key, key) for key in TYPED))
    assert visitor.engine.run("return heard") == []
    assert visitor.engine.run(f"{ROOT} return getComputedStyle(root.querySelector('textarea')).fontSize") == "16px"
    visitor.engine.keys("\ue004")
    assert "keydown Tab" in visitor.engine.run("return heard")
    visitor.no_trouble()


def test_a_page_with_its_own_self_and_fetch(visitor: Visitor) -> None:
    """Nothing may be lost, although the page has its own meaning of names that the widget needs."""
    own = f"self.observed = Event; self.Event = class {{}}; {OWN_FETCHES['finds an element']}"
    visitor.open(script(own) + RATING)
    visitor.press(CHOICE, 0)
    visitor.says("✓")
    visitor.saved(score=3)
    visitor.open(script("var self = undefined;") + "<tilfreds-rating subject='/other'></tilfreds-rating>")
    visitor.press(CHOICE, 1)
    visitor.says("✓")


@pytest.mark.long
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_page_that_wraps_fetch(visitor: Visitor, wrapper: str) -> None:
    visitor.open(script(f"const browserFetch = fetch; self.fetch = {WRAPPERS[wrapper]}") + RATING)
    visitor.press(CHOICE, 0)
    visitor.says("✓")
    visitor.saved(score=3)
    visitor.no_trouble()


@pytest.mark.long
def test_a_page_that_writes_its_document_again(visitor: Visitor) -> None:
    visitor.open(is_strict=False)
    visitor.press(CHOICE, 0)
    visitor.says("✓")
    again = "document.open(); document.write(arguments[0]); document.close()"
    visitor.engine.run(again, "<!doctype html><html lang=en><body><tilfreds-rating subject=/other></tilfreds-rating>")
    visitor.press(CHOICE, 2)
    visitor.says("✓")
    visitor.engine.until("return Boolean(self.tilfreds)")


@pytest.mark.long
def test_markup_redirects_no_request(visitor: Visitor) -> None:
    names = [word for word in WORDS if word not in NEEDED]
    stranger = f"{visitor.pages.other_url}/w/{visitor.site.key}.js"
    visitor.open(clobbered(names, stranger) + form(names, RATING))
    visitor.press(CHOICE, 0)
    visitor.says("✓")
    visitor.saved(score=3)
    requests = visitor.engine.run("return performance.getEntriesByType('resource').map(({ name }) => name)")
    assert requests
    assert [address for address in requests if not address.startswith((visitor.product.url, visitor.pages.url))] == []


@pytest.mark.long
def test_a_card_that_moves_to_a_frame_and_back(visitor: Visitor) -> None:
    frame = "<iframe id=out srcdoc='<!doctype html><p>popped out' width=500 height=300></iframe>"
    visitor.open(f"<div id=panel>{RATING}</div>{frame}", is_strict=False)
    visitor.place(CHOICE)
    look = "getComputedStyle(root.querySelector('[part=card]')).textAlign"
    visitor.engine.until("return out.contentDocument?.body?.textContent == 'popped out'")
    visitor.engine.run("out.contentDocument.body.append(panel)")
    moved = ROOT.replace("document", "out.contentDocument")
    visitor.engine.until(f"{moved} return root.querySelector('[part=card]') && {look} == 'center'")
    visitor.engine.run(f"{moved} root.querySelector('[role=group] button').click()")
    visitor.engine.until(f"{moved} return root.querySelector('output')?.textContent.includes('✓')")
    visitor.engine.run("document.body.append(out.contentDocument.getElementById('panel'))")
    visitor.engine.until(f"{ROOT} return root.querySelector('[part=card]') && {look} == 'center'")
    visitor.press(CHOICE, 2)
    visitor.says("✓")
    visitor.saved(score=1)
    visitor.no_trouble()


def test_a_card_inside_of_other_controls(visitor: Visitor) -> None:
    """Press and write in a link, the head of a disclosure and a label, none of which may react."""
    for start, end in (
        ("<a href='#gone'>", "</a>"),
        ("<details open><summary>", "</summary>More</details>"),
        ("<label><input type=checkbox>", "</label>"),
    ):
        visitor.open(f"{start}<tilfreds-rating subject='/{len(end)}'></tilfreds-rating>{end}")
        open_comment(visitor)
        visitor.press("textarea")
        visitor.engine.keys("a", " ", "b")
        assert visitor.engine.run(f"{ROOT} return root.querySelector('textarea').value") == "a b"
        reactions = "location.hash, document.querySelector('details')?.open, document.querySelector('input')?.checked"
        assert [value for value in visitor.engine.run(f"return [{reactions}]") if value is not None] in (
            [""],
            ["", True],
            ["", False],
        )
        visitor.no_trouble()


@pytest.mark.long
def test_storage_that_the_page_empties_while_an_answer_waits(visitor: Visitor) -> None:
    """The page holds the request of the vote back, empties the storage, and then lets it go."""
    hold_votes = """const browserFetch = fetch, released = new Promise((resolve) => (self.release = resolve));
      self.fetch = async (resource, options) => {
        if (String(resource).endsWith("/votes")) await released;
        return browserFetch(resource, options);
      };"""
    visitor.open(script(hold_votes) + RATING)
    visitor.press(CHOICE, 0)
    visitor.engine.run("localStorage.clear(); sessionStorage.clear(); release()")
    visitor.says("✓")
    visitor.press(CHOICE, 2)
    visitor.says("✓")
    visitor.saved(score=1)
    visitor.no_trouble()


@pytest.mark.long
def test_a_reader_who_arrives_at_the_end_sees_faces_that_move_nothing(visitor: Visitor) -> None:
    text = "<p style='height: 3000px'>Long</p><h2 id=end>End</h2>"
    visitor.open(f"{text}{RATING}<p id=after>After</p>", is_strict=False)
    visitor.engine.open(f"{visitor.address}#end")
    visitor.place(CHOICE)
    assert visitor.engine.run("return scrollY > 1000")
    visitor.no_trouble()


@pytest.mark.long
def test_a_chat_that_ended_before_the_script(visitor: Visitor) -> None:
    visitor.open(CHAT + script("(self.tilfreds ??= []).push((tilfreds) => tilfreds.ended({ conversation: 'c1' }))"))
    visitor.press(CHOICE, 0)
    visitor.says("✓")
    visitor.saved(score=3)
