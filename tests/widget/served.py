"""Read the settings out of a served file."""

from __future__ import annotations

import json
from typing import Any

from widget_server.core.assets import STATIC

PLACEHOLDER = "__TILFREDS_SETTINGS__"


def read_settings(script: str) -> dict[str, Any]:
    """Return the settings that a site's file holds."""
    before, after = (STATIC / "dist" / "widget.js").read_text("utf-8").split(PLACEHOLDER)
    assert script.startswith(before) and after in script
    settings, _ = json.JSONDecoder().raw_decode(script.removeprefix(before))
    return settings
