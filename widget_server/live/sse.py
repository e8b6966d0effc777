"""The wire format of server-sent events."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from ..events.outbox_reader import Change, Position


def frame(event: str, data: dict[str, Any], position: Position | None = None) -> bytes:
    """Format an event. Compact JSON has no line breaks, so its data is one line."""
    id_line = f"id: {position}\n" if position else ""
    return f"{id_line}event: {event}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


@lru_cache(maxsize=4096)
def change_frame(change: Change) -> bytes:
    """Format an event of the outbox; cached, because many streams send the same one."""
    data: dict[str, Any] = {"position": str(change.position), "kind": change.kind}
    for name in ("conversation", "segment", "subject"):
        value = getattr(change, f"{name}_id")
        if value is not None:
            data[name] = str(value)
    data["version"] = change.version
    return frame("change", data, change.position)


def heartbeat(position: Position) -> bytes:
    """Format a comment that keeps the connection open, with the position to resume from."""
    return f":\nid: {position}\n\n".encode()
