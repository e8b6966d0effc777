"""Values that were derived from a site, kept by its key for a second.

For requests that are far more frequent than changes. A change in this process takes effect with its commit, one in
another process within a second.
"""

from __future__ import annotations

from time import monotonic
from typing import Any

FRESH_SECONDS = 1.0
#: How long a browser uses the file of a site that it has, and then once more while it fetches the new one.
BROWSER_SECONDS = 300
MAX_KEPT = 10_000
#: By site key: the end of the second by the process's monotonic clock, and the values by name.
_recent: dict[str, tuple[float, dict[Any, Any]]] = {}


def find_recent(key: str, name: Any) -> Any | None:
    """Return a value that was kept within the last second, or None."""
    entry = _recent.get(key)
    return entry[1].get(name) if entry is not None and monotonic() < entry[0] else None


def keep_recent(key: str, name: Any, value: Any) -> None:
    """Keep a value of an existing site. The second begins with the first value, so that all are read again together."""
    now, entry = monotonic(), _recent.get(key)
    if entry is None or now >= entry[0]:
        if len(_recent) >= MAX_KEPT:
            _recent.clear()
        entry = _recent[key] = (now + FRESH_SECONDS, {})
    entry[1][name] = value


def forget_recent(key: str) -> None:
    """Forget the values of a site that changes."""
    _recent.pop(key, None)
