"""Automatic placement: a site's setting `placement`, and the layouts with a known article element."""

from __future__ import annotations

from typing import Any

from ..core.errors import Invalid

#: CSS selectors of the element that contains an article, by the generator of the page. `docs/guides/placement.md` gives
#: the source of each. Docusaurus marks the page after hydration; an element that the widget adds earlier would break
#: it. VitePress: see static/src/placements/inside.js.
LAYOUTS = {
    "alabaster": "div.body[role=main]",
    "bookstack": "[component=page-display]",
    "docusaurus": "[data-has-hydrated=true] article .theme-doc-markdown",
    "dokuwiki": ".mode_show .page",
    "furo": "article[role=main]",
    "ghost": "article .gh-content",
    # A list page has several articles next to each other.
    "hugo": "main article:only-of-type",
    "jekyll": "article .post-content",
    "mdbook": ".content > main",
    "mediawiki": ".action-view.ns-subject #mw-content-text .mw-parser-output",
    "mkdocs-material": "article.md-content__inner",
    "read-the-docs": "[role=main] [itemprop=articleBody]",
    "starlight": ".sl-markdown-content",
    "vitepress": ".VPDoc .main .vp-doc",
    "zendesk-guide": "#main-content .article-body",
}
SIDES = ("end", "start")
WHERE = ("above", "beside")


def check_placement(value: dict[str, Any]) -> dict[str, Any]:
    """Return the setting as it is stored. The API's schema has checked its shape.

    Raises:
        Invalid: both places for the card of a chat are set.
    """
    if "panel" in value and "launcher" in value:
        raise Invalid(
            "`panel` and `launcher` exclude each other; set one place for the card of a chat.",
            pointer="/placement/launcher",
        )
    return value
