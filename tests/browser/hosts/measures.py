"""What a page shows around its rating: layout shifts and colours."""

from __future__ import annotations

from typing import NamedTuple

from playwright.sync_api import Page

#: Records layout shifts, and which of them began at the rating or after it: the page's contents before it stayed.
RECORD_SHIFTS = """self.shifted = 0; self.moved = []; new PerformanceObserver((list) => {
  const rating = document.querySelector("tilfreds-rating");
  const order = (node) => rating && node ? rating.compareDocumentPosition(node) : 0;
  for (const { hadRecentInput, sources, value } of list.getEntries()) {
    if (hadRecentInput) continue;
    const orders = sources.map(({ node }) => (node == rating ? Node.DOCUMENT_POSITION_FOLLOWING : order(node)));
    const isBefore = (at) => at & Node.DOCUMENT_POSITION_PRECEDING && !(at & Node.DOCUMENT_POSITION_CONTAINS);
    self.shifted += value;
    if (orders.some((at) => at & Node.DOCUMENT_POSITION_FOLLOWING) && !orders.some(isBefore)) self.moved.push(value);
  }
}).observe({ type: "layout-shift", buffered: true })"""
#: Resolves once the browser has reported the shifts of all frames until now.
NEXT_FRAMES = """() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"""
#: The relative luminance of the page behind the card, of the card's surface and of its text.
LUMINANCES = """() => {
  const rating = document.querySelector("tilfreds-rating");
  const card = rating.shadowRoot.querySelector("[part=card]");
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const paint = (color) => { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); };
  const luminance = () => {
    const linear = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const probe = document.documentElement.appendChild(document.createElement("i"));
  probe.style.background = "Canvas";
  paint(getComputedStyle(probe).backgroundColor);
  probe.remove();
  const ancestors = [];
  for (let node = rating; node; node = node.parentElement) ancestors.unshift(node);
  for (const node of ancestors) paint(getComputedStyle(node).backgroundColor);
  const page = luminance();
  paint(getComputedStyle(card).backgroundColor);
  const surface = luminance();
  paint(getComputedStyle(card.querySelector("[part=question]")).color);
  return [page, surface, luminance()];
}"""


class Luminances(NamedTuple):
    page: float
    surface: float
    text: float

    @property
    def contrast(self) -> float:
        darker, lighter = sorted((self.surface, self.text))
        return (lighter + 0.05) / (darker + 0.05)

    def follows(self, is_dark: bool) -> bool:
        """Return whether the page has these colours, and the card has them too and is legible."""
        sides = {self.page < 0.3, self.surface < 0.3}
        return sides == {is_dark} and self.contrast >= 4.5


def luminances(page: Page) -> Luminances:
    return Luminances(*page.evaluate(LUMINANCES))
