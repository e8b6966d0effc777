"""The page of the console where a form leads."""

from __future__ import annotations


def to_local_path(text: str) -> str:
    """Return a path of the console; empty for any other address, to which a stranger's link may not lead."""
    is_local = text.startswith("/console/") and "\\" not in text and text.isprintable()
    return text if is_local else ""
