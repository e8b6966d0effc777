"""The rules of accessibility that a page breaks, as axe-core finds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Frame, Page

#: The Web Content Accessibility Guidelines up to level AA.
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
WCAG_AND_ADVICE = (*WCAG, "best-practice")
RUN = """async ([within, options]) => (await axe.run(within ?? document, options)).violations
  .flatMap(({ id, nodes }) => nodes.map(({ html, target }) => `${id}: ${html} (${target})`))"""


#: A small phone, a common one, a tablet and a desk.
WIDTHS = (320, 390, 768, 1280)
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, Scheme] = ("light", "dark")


def violations(page: Page | Frame, *, rules: Sequence[str] | None = None, within: str | None = None) -> list[str]:
    """Return each broken rule with the element that breaks it.

    `rules` are axe's tags, by default all that it has; `within` is a CSS selector. A document gets axe once: its half a
    megabyte of script costs more than a run of it.
    """
    if not page.evaluate("'axe' in self"):
        page.evaluate(AXE_SCRIPT)
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules is not None:
        options["runOnly"] = list(rules)
    broken: list[str] = page.evaluate(RUN, [within, options])
    return broken


def turn(page: Page, scheme: Scheme) -> None:
    """Make an open page light or dark, and end what fades into its new colour: axe would read a colour in between."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate("document.getAnimations().forEach((one) => one.finish())")


def check_page(page: Page, subtests: pytest.Subtests, name: str, widths: Sequence[int] = WIDTHS) -> None:
    """Check that a page fits into every window and has no violation, also in dark mode."""
    for width in widths:
        with subtests.test(page=name, width=width):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    for scheme in SCHEMES:
        with subtests.test(page=name, scheme=scheme):
            turn(page, scheme)
            assert violations(page) == []
