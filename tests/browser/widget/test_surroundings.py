"""The card is light or dark like the page around it, readable everywhere, and transparent where the page allows it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import wait_until_true
from tests.browser.widget.reader import RATING, Reader

#: The lowest contrast of a card's texts with what is painted behind them, by the pixels of a canvas.
LOWEST_CONTRAST = """(card) => {
  const canvas = new OffscreenCanvas(1, 1), context = canvas.getContext("2d", { willReadFrequently: true });
  const backgrounds = (node) => {
    const layers = [];
    for (let one = node; one; one = one.assignedSlot ?? one.parentElement ?? one.getRootNode().host)
      layers.unshift(getComputedStyle(one).backgroundColor);
    return layers;
  };
  const luminance = (layers) => {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const scheme = getComputedStyle(document.documentElement).colorScheme;
    context.fillStyle = scheme == "dark" || (dark && scheme.includes("dark")) ? "#121212" : "#fff";
    for (const colour of [null, ...layers]) {
      if (colour) context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
    }
    const [red, green, blue] = [...context.getImageData(0, 0, 1, 1).data].map((one) => {
      const share = one / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrasts = [...card.querySelectorAll("p, button, output, b")].map((node) => {
    const behind = backgrounds(node);
    const [one, other] = [luminance(behind), luminance([...behind, getComputedStyle(node).color])];
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  });
  return Math.min(...contrasts);
}"""
LIGHT_INK, DARK_INK = "rgb(29, 39, 51)", "rgb(233, 237, 242)"
INKS = {"light": LIGHT_INK, "dark": DARK_INK}


@dataclass(frozen=True)
class Host:
    """A kind of page: its style, what the card must look like, and a script that changes the page."""

    style: str
    scheme: str
    is_clear: bool = True
    system: str = "light"
    change: str = ""
    then: str = ""
    then_clear: bool = True
    body: str = RATING


DARK_SLOT = "<section style='background: #141b18'><slot></slot></section>"
HOSTS = {
    "no style at all": Host("", "light"),
    "no style, dark system": Host("", "light", system="dark"),
    "canvas of the system": Host(":root { color-scheme: light dark }", "dark", system="dark"),
    "light only, dark system (MediaWiki)": Host("body { background: #fff; color: #202122 }", "light", system="dark"),
    "class and color-scheme (VitePress)": Host(
        ":root { --bg: #fff; --ink: #3c3c43 } .dark { --bg: #1b1b1f; --ink: #dfdfd6; color-scheme: dark }"
        "body { background: var(--bg); color: var(--ink) }",
        "light",
        change="document.documentElement.classList.add('dark')",
        then="dark",
    ),
    "attribute (Docusaurus)": Host(
        "html { background: #fff; color: #1c1e21 }"
        "html[data-theme=dark] { background: #1b1b1d; color: #e3e3e3; color-scheme: dark }",
        "light",
        change="document.documentElement.dataset.theme = 'dark'",
        then="dark",
    ),
    "class without color-scheme (mdBook)": Host(
        ".light { --bg: hsl(0 0% 100%); --fg: #000 } .navy { --bg: hsl(226 23% 11%); --fg: #bcbdd0 }"
        "html { background: var(--bg); color: var(--fg) }",
        "light",
        change="document.documentElement.className = 'navy'",
        then="dark",
    ),
    "attribute of the body that fades (Furo)": Host(
        "body { background: #fff; color: #000; transition: background-color 0.2s }"
        "body[data-theme=dark] { background: #131416; color: #cfd0d0 }",
        "light",
        change="document.body.dataset.theme = 'dark'",
        then="dark",
    ),
    "black without color-scheme": Host("body { background: #000; color: #eee }", "dark"),
    "black, and only paragraphs have a colour": Host("body { background: #000 } h1 { color: #fff }", "dark"),
    "the style of the body": Host(
        "", "light", change="document.body.style.background = 'oklch(0.2 0.02 260)'", then="dark"
    ),
    "a style sheet of the system": Host(
        "body { background: #fff } @media (prefers-color-scheme: dark) { body { background: #111; color: #ddd } }",
        "dark",
        system="dark",
    ),
    "grey": Host("body { background: #ddd }", "light", is_clear=False),
    "dark grey": Host("body { background: #444; color: #fff }", "dark", is_clear=False),
    "a picture": Host("body { background: linear-gradient(#102, #204); color: #fff }", "dark", is_clear=False),
    "a light panel in a dark page": Host(
        "body { background: #111; color: #eee } main { background: #fffefb; color: #222 }",
        "light",
        body=f"<main>{RATING}</main>",
    ),
    "slotted into a dark element": Host(
        "body { color: #eee }",
        "dark",
        body=f"<div><template shadowrootmode=open>{DARK_SLOT}</template>{RATING}</div>",
    ),
    "text of the page too pale to read": Host("body { background: #fff; color: #bbb }", "light"),
    "a scheme of the owner": Host(
        "body { background: #fff } tilfreds-rating { --tilfreds-scheme: dark }", "dark", is_clear=False
    ),
}
IS_CLEAR = "document.querySelector('tilfreds-rating').shadowRoot.querySelector('section').className == 'clear'"


def look(reader: Reader, scheme: str, is_clear: bool) -> None:
    """Check the scheme, the surface and the contrast of a card."""
    expect(reader.card()).to_have_css("color", INKS[scheme])
    wait_until_true(reader.page, f"({IS_CLEAR}) == {str(is_clear).lower()}")
    assert reader.card().evaluate(LOWEST_CONTRAST) >= 4.5


def test_the_card_follows_the_page(reader: Reader, subtests: pytest.Subtests) -> None:
    for name, host in HOSTS.items():
        with subtests.test(host=name):
            reader.page.emulate_media(color_scheme=host.system)  # type: ignore[arg-type]
            reader.open(f"<style>{host.style}</style>{host.body}")
            look(reader, host.scheme, host.is_clear)
            reader.press("Bad")
            reader.says("Saved")
            look(reader, host.scheme, host.is_clear)
            if host.change:
                reader.page.evaluate(host.change)
                look(reader, host.then, host.then_clear)


def test_an_answered_card_follows_the_page_too(reader: Reader) -> None:
    reader.open(f"<style>{HOSTS['black without color-scheme'].style}</style>{RATING}")
    reader.press("Good")
    reader.says("Saved")
    reader.page.reload()
    reader.says("You answered Good.")
    look(reader, "dark", is_clear=True)
