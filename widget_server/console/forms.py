"""What pages send and addresses ask for, read in one way."""

from __future__ import annotations

from typing import Any

from flask import request

from ..core.errors import Invalid
from ..core.text import has_controls

#: More than any site has of anything; a larger number would be too large for a database.
MAX_OFFSET = 2**31 - 1


def line(name: str, *, max_length: int, min_length: int = 0) -> str:
    """One line that somebody wrote into the form's field, its spaces single."""
    text = " ".join(request.form.get(name, "").split())
    if not min_length <= len(text) <= max_length:
        raise Invalid(f"Say why, in at most {max_length} letters.", pointer=f"/{name}")
    if has_controls(text):
        raise Invalid("A reason may not hold control characters.", pointer=f"/{name}")
    return text


def offset_of() -> int:
    """With which row of a list its page begins."""
    return min(max(request.args.get("from", 0, type=int), 0), MAX_OFFSET)


def from_row(offset: int) -> dict[str, Any]:
    """The same as a part of an address; none for the first page."""
    return {"from": offset} if offset else {}
