"""Options of the placements that a site's settings add to its file."""

from __future__ import annotations

from typing import Any

from ..sites.models import Site
from ..sites.placement import LAYOUTS


def placements_of(site: Site) -> dict[str, Any]:
    """Return options by name of a placement: `inside` (selectors by kind), `popover`, `launcher`."""
    placement = site.placement
    article = site.article_selector or LAYOUTS.get(placement.get("layout", ""))
    inside = {"article": article, "conversation": placement.get("panel")}
    options = {
        "inside": {kind: selector for kind, selector in inside.items() if selector},
        "popover": placement.get("popover"),
        "launcher": placement.get("launcher"),
    }
    return {f"placements/{name}": value for name, value in options.items() if value}
