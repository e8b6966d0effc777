"""Cursors of lists: the time and the id of the last row, as opaque text."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from ..core import tokens
from ..core.errors import Invalid
from .fields import FIRST_YEAR, LAST_YEAR

Place = tuple[datetime, UUID]
SEPARATOR = "~"


def encode(place: Place | None) -> str | None:
    """Return the cursor of a place in URL-safe characters; None for None."""
    if place is None:
        return None
    moment, row_id = place
    return tokens.b64(f"{moment.astimezone(UTC).isoformat()}{SEPARATOR}{row_id}".encode())


def decode(text: str | None) -> Place | None:
    """Return the place of a cursor; None for None.

    Raises:
        Invalid: the text is not a cursor of `encode`.
    """
    if text is None:
        return None
    try:
        moment, _, row_id = tokens.unb64(text).decode("ascii").partition(SEPARATOR)
        place = datetime.fromisoformat(moment), UUID(row_id)
        if place[0].tzinfo is not UTC or not FIRST_YEAR <= place[0].year <= LAST_YEAR:
            raise ValueError("not a cursor of encode")
    except (tokens.BadToken, ValueError) as error:
        raise Invalid("Invalid cursor; start again without one.", pointer="/cursor") from error
    return place
