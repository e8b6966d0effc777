"""The served file, taken apart."""

from __future__ import annotations

import json
from typing import Any

from widget_server.core.assets import STATIC

PLACE = "__TILFREDS_SETTINGS__"


def settings_in(served: str) -> dict[str, Any]:
    """What a site's file knows of its site."""
    before, after = (STATIC / "dist" / "widget.js").read_text("utf-8").split(PLACE)
    assert served.startswith(before) and after in served
    found, _ = json.JSONDecoder().raw_decode(served.removeprefix(before))
    return found
