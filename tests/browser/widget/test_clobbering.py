"""Markup that replaces properties of the document and of forms (DOM clobbering): an answer goes where it belongs."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from tests.back_end import done
from tests.browser.waiting import wait_until_true
from tests.browser.widget.reader import CHAT, RATING, Reader
from widget_server.core.assets import STATIC

#: Every word in the source of the widget, so that a property that is read tomorrow is tested, too.
SOURCE = "".join(file.read_text("utf-8") for file in (STATIC / "src").rglob("*.js"))
WORDS = sorted(set(re.findall(r"\b[a-zA-Z]\w+", SOURCE)))
#: What this test itself needs of the document, read before the page's markup.
NATIVE = """
  const find = Document.prototype.querySelectorAll, dispatch = EventTarget.prototype.dispatchEvent;
  self.cardOf = (at) => find.call(document, "tilfreds-rating")[at]?.shadowRoot?.querySelector("[part=card]");
  self.popOver = () => find.call(document, "[role=complementary]")[0];
  self.end = (detail) => dispatch.call(document, new CustomEvent("tilfreds:end", { detail }));
"""
LONG = '<p style="height: 2000px">Long</p>'


def clobbered(names: Iterable[str], address: str) -> str:
    """Return one image for each name, none of which is loaded."""
    pictures = "".join(f'<img name="{name}" loading="lazy" src="{address}">' for name in names)
    return f'<div style="display: none">{pictures}</div>'


def form(names: Iterable[str], content: str, attributes: str = "") -> str:
    fields = "".join(f'<input type="hidden" name="{name}">' for name in names)
    return f'<form lang="da" {attributes}>{fields}{content}</form>'


def strangers_requests(reader: Reader) -> list[str]:
    """Return what is asked of a host that is neither the page's nor the product's."""
    requests: list[str] = []
    ours = (reader.product.url, reader.pages.url)
    reader.page.on("request", lambda request: None if request.url.startswith(ours) else requests.append(request.url))
    return requests


def vote(reader: Reader, at: int) -> None:
    wait_until_true(reader.page, f"cardOf({at})")
    reader.page.evaluate(f"cardOf({at}).querySelector('[part=choice]').click()")
    wait_until_true(reader.page, f"cardOf({at}).querySelector('[part=link]')")


def test_the_words_are_those_of_the_source() -> None:
    assert {"currentScript", "body", "createElement", "parentNode", "closest", "hidden", "activeElement"} <= set(WORDS)


@pytest.mark.parametrize("names", [["currentScript"], WORDS], ids=["one attribute", "every word"])
def test_no_request_and_no_module_goes_to_a_stranger(reader: Reader, names: list[str]) -> None:
    requests = strangers_requests(reader)
    done(reader.make.back_end(reader.site).patch("/site", {"languages": ["en", "da"]}))
    reader.page.add_init_script(NATIVE)
    stranger = f"{reader.pages.other_url}/w/{reader.site.key}.js"
    reader.open(clobbered(names, stranger) + form(names, RATING + CHAT))
    vote(reader, 0)
    reader.page.evaluate("end({ conversation: 'c1' })")
    vote(reader, 1)
    assert len(reader.votes()) == 2
    assert reader.page.evaluate("[cardOf(0).lang, cardOf(1).lang]") == ["da", "da"]
    assert requests == []


def test_no_placement_breaks(reader: Reader) -> None:
    requests = strangers_requests(reader)
    settings = {
        "article_selector": "form.article",
        "placement": {"popover": {"delay_seconds": 0, "scroll_percent": 0}},
        "theme": {"name": "white"},
    }
    done(reader.make.back_end(reader.site).patch("/site", settings))
    reader.page.add_init_script(NATIVE)
    stranger = f"{reader.pages.other_url}/w/{reader.site.key}.js"
    reader.open(clobbered(WORDS, stranger) + form(WORDS, LONG, 'class="article"'))
    vote(reader, 0)
    # Without a place in the page there is a pop-over, above a form that is fixed to the window.
    bar = form(WORDS, "<p>Newsletter</p>", 'style="position: fixed; bottom: 0; right: 0; width: 400px; height: 60px"')
    reader.open(clobbered(WORDS, stranger) + LONG + bar)
    wait_until_true(reader.page, "popOver() && !popOver().hidden")
    vote(reader, 0)
    assert len(reader.votes()) == 2
    assert requests == []
