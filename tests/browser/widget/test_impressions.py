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
#: Shows this many pixels of the card and returns the count of events. The browser reports what is in view after a
#: frame, in a task that comes before the third frame.
SCROLL = """async (pixels) => {
  const card = document.querySelector("tilfreds-rating").shadowRoot.querySelector("[part=card]");
  scrollTo(0, card.getBoundingClientRect().top + scrollY - innerHeight + pixels);
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  return self.shown;
}"""


def scroll(reader: Reader, pixels: int) -> int:
    """Show this many pixels of the card, and return the number of impressions by then."""
    count: int = reader.page.evaluate(SCROLL, pixels)
    return count


@pytest.mark.parametrize("page", ["", OWN_EVENT, BOTH_AT_ONCE], ids=["plain", "own Event", "two entries"])
def test_once_and_from_half_of_the_card(reader: Reader, page: str) -> None:
    reader.open(ABOVE + COUNT + page + RATING + '<p style="height: 2000px">End</p>')
    wait_until_true(reader.page, "document.querySelector('tilfreds-rating').shadowRoot?.querySelector('[part=card]')")
    assert [scroll(reader, pixels) for pixels in (0, 16, 50)] == [0, 0, 0]
    assert [scroll(reader, pixels) for pixels in (160, 0, 160, 600)] == [1, 1, 1, 1]
    reader.press("Good")
    reader.says("✓ Saved.")
    assert len(reader.of("seen")) == 1


def test_a_card_that_is_higher_than_the_window(reader: Reader) -> None:
    reader.page.set_viewport_size({"width": 600, "height": 200})
    tall = "<style>tilfreds-rating::part(card) { min-height: 900px }</style>"
    reader.open(ABOVE + tall + COUNT + RATING)
    wait_until_true(reader.page, "document.querySelector('tilfreds-rating').shadowRoot?.querySelector('[part=card]')")
    assert [scroll(reader, pixels) for pixels in (20, 190)] == [0, 1]
