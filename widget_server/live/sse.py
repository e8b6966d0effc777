"""The framing of server-sent events: what goes over the wire, and nothing about when."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from ..events.outbox_reader import Change, Position


def frame(event: str, data: dict[str, Any], position: Position | None = None) -> bytes:
    """One event. JSON has no line breaks, so its data is one line."""
    resume = f"id: {position}\n" if position else ""
    return f"{resume}event: {event}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


@lru_cache(maxsize=4096)
def change_frame(change: Change) -> bytes:
    """An event of the outbox; made once for all the streams that get it."""
    data: dict[str, Any] = {"position": str(change.position), "kind": change.kind}
    for name in ("conversation", "segment", "subject"):
        value = getattr(change, f"{name}_id")
        if value is not None:
            data[name] = str(value)
    data["version"] = change.version
    return frame("change", data, change.position)


def heartbeat(position: Position) -> bytes:
    """A comment that keeps the connection, with the place to resume from."""
    return f":\nid: {position}\n\n".encode()
