"""What a site's own settings add to its file after the widget."""

from __future__ import annotations

from typing import Any

from ..sites.models import Site
from ..sites.placement import LAYOUTS


def placements_of(site: Site) -> dict[str, Any]:
    """Options by the name of a placement: `inside` (selectors by kind), `popover`, `launcher`."""
    wanted = site.placement
    article = site.article_selector or LAYOUTS.get(wanted.get("layout", ""))
    inside = {"article": article, "conversation": wanted.get("panel")}
    options = {
        "inside": {kind: selector for kind, selector in inside.items() if selector},
        "popover": wanted.get("popover"),
        "launcher": wanted.get("launcher"),
    }
    return {f"placements/{name}": value for name, value in options.items() if value}
