"""The card looks and works the same on pages with hostile style sheets and scripts."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import WCAG, violations
from tests.browser.widget.reader import RATING, Reader

pytestmark = pytest.mark.long

#: Markup in the page before the tag.
HOSTILE = {
    "everything unset": "<style>* { all: unset !important }</style>",
    "large letters everywhere": "<style>* { font: 40px/4 serif !important; letter-spacing: 1em !important }</style>",
    "buttons hidden": "<style>button, svg, section, p { display: none !important; visibility: hidden }</style>",
    "boxes counted otherwise": "<style>*, *::before { box-sizing: content-box; margin: 9px; padding: 9px }</style>",
    "other direction and case": "<style>body { text-transform: uppercase; word-break: break-all; zoom: 1 }</style>",
    "colours turned": "<style>:root { --ink: red; color-scheme: only dark } button { filter: invert(1) }</style>",
    "clobbered names": '<form id="settings" name="body"><input type="hidden" name="fetch"></form><i id="tilfreds"></i>',
    "a library's own JSON of lists": """<script>
        Array.prototype.toJSON = function () { return `[${this.join()}]`; };
    </script>""",
    "prototypes that grew": """<script>
        Object.prototype.extra = () => {}; Array.prototype.first = function () { return this[0]; };
    </script>""",
    "fetch and JSON wrapped": """<script>
        const asked = fetch, read = JSON.parse;
        self.fetch = (...about) => asked(...about);
        JSON.parse = (text, ...more) => read(text, ...more);
    </script>""",
    "elements made by somebody else": """<script>
        const made = Document.prototype.createElement;
        Document.prototype.createElement = function (...about) {
          const one = made.apply(this, about); one.title = "made"; return one;
        };
    </script>""",
    "events that are stopped": """<script>
        for (const kind of ["pointerdown", "mousedown", "keydown"]) {
          addEventListener(kind, (event) => event.stopPropagation(), true);
        }
    </script>""",
}
LOOK = """(card) => [...card.querySelectorAll("p, button, svg")].map((one) => {
  const { width, height } = one.getBoundingClientRect(), { color, fontSize, display } = getComputedStyle(one);
  return [one.tagName, Math.round(width), Math.round(height), color, fontSize, display];
})"""


def look_of(reader: Reader) -> Any:
    expect(reader.face("Good")).to_be_visible()
    return reader.card().evaluate(LOOK)


@pytest.mark.parametrize("page", HOSTILE)
def test_the_card_looks_and_works_the_same(reader: Reader, page: str) -> None:
    place = f'<div style="all: initial !important; display: block !important; width: 600px !important">{RATING}</div>'
    plain = look_of(reader.open(place))
    reader.open(HOSTILE[page] + place)
    assert look_of(reader) == plain
    reader.press("Bad")
    reader.says("Saved")
    reader.comment("It was short.")
    (vote,) = reader.votes()
    assert (vote["answer"]["score"], vote["comment"]) == (1, "It was short.")
    if "<style>" in HOSTILE[page]:
        # Scripts change no look, and axe does not work with all of them.
        assert violations(reader.page, rules=WCAG, within="tilfreds-rating") == []
