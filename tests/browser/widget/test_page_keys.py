"""Keys that a visitor presses in a card do not reach the shortcuts of the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import wait_until_true
from tests.browser.widget.reader import RATING, Reader

#: Records keys as a page with shortcuts does, in the order of the widget's worst case.
LISTEN = """<script>
  self.heard = [];
  const note = ({ type, key, target }) => heard.push(`${type} ${key}`);
  for (const type of ["keydown", "keypress", "keyup"]) {
    document.addEventListener(type, note, true);
    document.addEventListener(type, note);
    addEventListener(type, note);
  }
  addEventListener("keydown", ({ key, target }) => {
    if (key == "s" && !target.isContentEditable) document.querySelector("#search").focus();
  }, true);
</script><input id=search aria-label=Search>"""
TYPED = ["s", "/", "?", "Space", "ArrowLeft", "ArrowDown", "Home", "PageDown", "Backspace", "Enter"]
PASSED = ["Tab", "Escape", "Control+k", "Alt+a", "Meta+k", "Shift", "F2"]
IN_SURROUNDINGS = "performance.getEntriesByType('resource').some(({ name }) => name.includes('surroundings'))"


def heard(reader: Reader, key: str) -> list[str]:
    reader.page.evaluate("self.heard = []")
    reader.page.keyboard.press(key)
    return reader.page.evaluate("[...new Set(self.heard)]")


def open_comment(reader: Reader) -> None:
    reader.press("Good")
    reader.says("Saved")
    reader.page.get_by_role("button", name="Add a comment").click()
    expect(reader.page.get_by_role("textbox", name="Anything")).to_be_focused()


def test_keys_of_the_card_stay_there(reader: Reader, subtests: pytest.Subtests) -> None:
    reader.open(LISTEN + RATING)
    wait_until_true(reader.page, IN_SURROUNDINGS)
    open_comment(reader)
    for key in TYPED:
        with subtests.test(field=key):
            assert heard(reader, key) == []
    for key in PASSED[1:]:
        with subtests.test(passed=key):
            assert f"keydown {key.split('+')[-1]}" in heard(reader, key)
    box = reader.page.get_by_role("textbox", name="Anything")
    expect(box).to_be_focused()
    box.fill("")
    reader.page.keyboard.type("Yes/no? s, é.")
    expect(box).to_have_value("Yes/no? s, é.")
    reader.face("Bad").focus()
    for key in [key for key in TYPED if key not in ("Space", "Enter", "s")]:
        with subtests.test(face=key):
            assert heard(reader, key) == []
    with subtests.test(passed="Tab"):
        assert "keydown Tab" in heard(reader, "Tab")


def test_keys_of_the_page_are_its_own(reader: Reader) -> None:
    reader.open(LISTEN + RATING)
    open_comment(reader)
    reader.page.locator("#search").focus()
    assert heard(reader, "/") == ["keydown /", "keypress /", "keyup /"]
    reader.page.locator("h1").click()
    assert heard(reader, "s")[0] == "keydown s"
    expect(reader.page.locator("#search")).to_be_focused()
