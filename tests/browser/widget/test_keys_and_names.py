"""Keyboard and screen reader: arrows never vote, every part has a name, results are announced, focus is kept."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.watch import Watch, failed
from tests.browser.widget.reader import CHAT, Reader, refusal

FOCUSED = "document.querySelector('tilfreds-rating').shadowRoot.activeElement?.textContent"


def focus(reader: Reader, word: str) -> None:
    for _ in range(5):
        reader.page.keyboard.press("Tab")
        if reader.page.evaluate(FOCUSED) == word:
            return
    raise AssertionError(f"Tab never reached {word}")


def test_arrows_never_vote_and_a_press_does_once(reader: Reader, subtests: pytest.Subtests) -> None:
    for key in ("Enter", "Space"):
        with subtests.test(key=key):
            reader.open()
            reader.sent.clear()
            focus(reader, "Good")
            for arrow in ("ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown", "Home", "End", "Escape"):
                reader.page.keyboard.press(arrow)
            assert reader.of("votes") == []
            assert reader.page.evaluate(FOCUSED) == "Good"
            reader.page.keyboard.press(key)
            reader.says("Saved")
            reader.page.keyboard.press(key)
            assert reader.page.evaluate(FOCUSED) == "Good"
            assert len(reader.of("votes")) == 1


def test_names_roles_and_states(reader: Reader) -> None:
    reader.open()
    expect(reader.card()).to_match_aria_snapshot(
        """
        - button "Not now"
        - paragraph: How was this article?
        - group "How was this article?":
          - button "Good"
          - button "OK"
          - button "Bad"
        - status
        """
    )
    reader.press("OK")
    expect(reader.card()).to_match_aria_snapshot(
        """
        - group "How was this article?":
          - button "Good"
          - button "OK" [pressed]
          - button "Bad"
        - status: "✓ Saved. You can change your answer."
        """
    )


def test_the_result_is_announced_in_a_region_that_was_there(reader: Reader) -> None:
    reader.open()
    region = reader.card().locator("output").element_handle()
    reader.press("Good")
    reader.says("Saved")
    assert region is not None
    assert region.evaluate("(node) => node.isConnected && node.textContent") == "✓ Saved. You can change your answer."


def test_focus_stays_where_it_was_or_moves_to_the_next(reader: Reader) -> None:
    reader.open()
    reader.press("Good")
    reader.says("Saved")
    assert reader.page.evaluate(FOCUSED) == "Good"
    reader.page.get_by_role("button", name="Add a comment").click()
    expect(reader.page.get_by_role("textbox", name="Anything we should know? (optional)")).to_be_focused()
    reader.page.reload()
    reader.says("You answered Good.")
    reader.page.get_by_role("button", name="Change").click()
    expect(reader.face("Good")).to_be_focused()


def test_a_survey_that_closes_on_a_press_keeps_the_focus(reader: Reader, watch: Watch) -> None:
    watch.expect(failed("/votes", "409"))
    reader.open(CHAT)
    reader.ended(conversation="c1")
    reader.answers("votes", refusal("withdrawn", 409))
    focus(reader, "Bad")
    reader.page.keyboard.press("Enter")
    reader.says("The chat continued")
    assert "The chat continued" in reader.page.evaluate(FOCUSED)


def test_nothing_takes_the_focus_by_itself(reader: Reader) -> None:
    reader.open('<input aria-label="Search" autofocus>' + CHAT)
    reader.ended(conversation="c1")
    expect(reader.face("Good")).to_be_visible()
    expect(reader.page.get_by_label("Search")).to_be_focused()


@pytest.mark.long
def test_everything_is_done_with_the_keyboard_alone(reader: Reader) -> None:
    """Answer, comment, return, change, remove and dismiss."""
    keys = reader.page.keyboard
    reader.open()
    focus(reader, "Good")
    keys.press("Enter")
    reader.says("Saved")
    focus(reader, "Add a comment")
    keys.press("Space")
    keys.type("Clear and short.")
    focus(reader, "Remove my answer")
    focus(reader, "Done")
    keys.press("Enter")
    reader.received()
    reader.page.reload()
    reader.says("You answered Good.")
    focus(reader, "Change")
    keys.press("Enter")
    keys.press("Tab")
    assert reader.page.evaluate(FOCUSED) == "OK"
    keys.press("Space")
    reader.says("Saved")
    (vote,) = reader.votes()
    assert (vote["answer"]["score"], vote["comment"]) == (2, "Clear and short.")
    reader.page.reload()
    focus(reader, "Remove my answer")
    keys.press("Enter")
    reader.says("removed")
    focus(reader, "×")
    keys.press("Enter")
    expect(reader.page.locator("[part=card]")).to_have_count(0)
