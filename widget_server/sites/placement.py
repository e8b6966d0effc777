"""Where a site's faces stand by themselves: its setting `placement`, and the layouts whose articles we know."""

from __future__ import annotations

from typing import Any

from ..core.errors import Invalid

#: CSS selectors of the element that an article ends in, by what made the page. `docs/guides/placement.md` gives the
#: source of each. Docusaurus marks the page once its own script has taken it over; before that an element
#: of ours would be one that the script does not expect. VitePress: see static/src/placements/inside.js.
LAYOUTS = {
    "alabaster": "div.body[role=main]",
    "bookstack": "[component=page-display]",
    "docusaurus": "[data-has-hydrated=true] article .theme-doc-markdown",
    "furo": "article[role=main]",
    "ghost": "article .gh-content",
    # A list of articles has several beside one another.
    "hugo": "main article:only-of-type",
    "mediawiki": ".action-view.ns-subject #mw-content-text .mw-parser-output",
    "mkdocs-material": "article.md-content__inner",
    "read-the-docs": "[role=main] [itemprop=articleBody]",
    "vitepress": ".VPDoc .main .vp-doc",
    "zendesk-guide": "#main-content .article-body",
}
SIDES = ("end", "start")
WHERE = ("above", "beside")


def check_placement(value: dict[str, Any]) -> dict[str, Any]:
    """The setting as it is kept; its shape was checked by the edge. A chat's faces have one place."""
    if "panel" in value and "launcher" in value:
        raise Invalid(
            "Give a panel or a launcher: the faces of a chat stand in one place.", pointer="/placement/launcher"
        )
    return value
