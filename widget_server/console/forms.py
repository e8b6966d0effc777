"""Read the fields of forms and the offset of a list's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from markupsafe import Markup

from ..core.errors import Invalid
from ..core.marked_texts import marked
from ..core.text import has_controls

#: More rows than any site has. A larger number would overflow the database's integer.
MAX_OFFSET = 2**31 - 1


def read_line(name: str, *, max_length: int, min_length: int = 0) -> str:
    """Return a form's field as one line with single spaces.

    Raises: Invalid: the text is too short or too long, or it has control characters.
    """
    text = " ".join(request.form.get(name, "").split())
    if not min_length <= len(text) <= max_length:
        raise Invalid(
            marked("Enter a reason of at most %(max_length)s characters.", max_length=max_length), pointer=f"/{name}"
        )
    if has_controls(text):
        raise Invalid("Remove control characters from the reason.", pointer=f"/{name}")
    return text


def read_offset() -> int:
    """Return the first row of the page that the address asks for; 0 if `from` is not a number."""
    return min(max(request.args.get("from", 0, type=int), 0), MAX_OFFSET)


def from_row(offset: int) -> dict[str, Any]:
    """Return the offset as arguments of an address; empty for the first page."""
    return {"from": offset} if offset else {}


def field_state(problems: Mapping[str, str], name: str, help_id: str = "") -> Markup:
    """Return the attributes that mark a wrong field and link it to its message, or to its help."""
    if name in problems:
        return Markup(' aria-invalid="true" aria-describedby="{}-problem"').format(name)
    return Markup(' aria-describedby="{}"').format(help_id) if help_id else Markup("")
