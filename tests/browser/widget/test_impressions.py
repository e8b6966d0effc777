"""An impression is counted once, when half of the card is visible, whatever the page does to the browser's classes."""

from __future__ import annotations

import pytest

from tests.browser.waiting import wait_until_true
from tests.browser.widget.reader import RATING, Reader

COUNT = "<script>self.shown = 0; document.addEventListener('tilfreds:shown', () => self.shown++)</script>"
OWN_EVENT = "<script>self.Event = self.CustomEvent = function (event) { this.type = event.type; }</script>"
#: A busy page reports "not in view" and "in view" in one call.
BOTH_AT_ONCE = """<script>
  const BrowserObserver = IntersectionObserver;
  self.IntersectionObserver = class extends BrowserObserver {
    constructor(onChange, options) {
      let first = [];
      super((entries, observer) => {
        first.push(...entries);
        if (first.at(-1).isIntersecting) onChange(first.splice(0), observer);
      }, options);
    }
  };
</script>"""
ABOVE = "<style>body { margin: 0 } h1 { margin: 0; height: 2000px }</style>"
#: How far the page is scrolled so that so many pixels of the card are visible.
SCROLL = """(pixels) => {
  const card = document.querySelector("tilfreds-rating").shadowRoot.querySelector("[part=card]");
  scrollTo(0, card.getBoundingClientRect().top + scrollY - innerHeight + pixels);
}"""
SETTLED_MS = 400


def scroll(reader: Reader, pixels: int) -> int:
    """Show so many pixels of the card, and return the number of impressions."""
    reader.page.evaluate(SCROLL, pixels)
    reader.page.wait_for_timeout(SETTLED_MS)
    return len(reader.of("seen"))


@pytest.mark.parametrize("page", ["", OWN_EVENT, BOTH_AT_ONCE], ids=["plain", "own Event", "two entries"])
def test_once_and_from_half_of_the_card(reader: Reader, page: str) -> None:
    reader.open(ABOVE + COUNT + page + RATING + '<p style="height: 2000px">End</p>')
    wait_until_true(reader.page, "document.querySelector('tilfreds-rating').shadowRoot?.querySelector('[part=card]')")
    assert [scroll(reader, pixels) for pixels in (0, 16, 50)] == [0, 0, 0]
    assert [scroll(reader, pixels) for pixels in (160, 0, 160, 600)] == [1, 1, 1, 1]
    assert reader.page.evaluate("self.shown") == 1
    reader.press("Good")
    reader.says("✓ Saved.")


def test_a_card_that_is_higher_than_the_window(reader: Reader) -> None:
    reader.page.set_viewport_size({"width": 600, "height": 200})
    tall = "<style>tilfreds-rating::part(card) { min-height: 900px }</style>"
    reader.open(ABOVE + tall + COUNT + RATING)
    wait_until_true(reader.page, "document.querySelector('tilfreds-rating').shadowRoot?.querySelector('[part=card]')")
    assert [scroll(reader, pixels) for pixels in (20, 190)] == [0, 1]
