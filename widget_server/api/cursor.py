"""Places in lists, as opaque text: the moment and the id of the last row that was seen."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from ..core import tokens
from ..core.errors import Invalid
from ..web.fields import FIRST_YEAR, LAST_YEAR

Place = tuple[datetime, UUID]
SEPARATOR = "~"


def to_text(moment: datetime, row_id: UUID) -> str:
    return f"{moment.astimezone(UTC).isoformat()}{SEPARATOR}{row_id}"


def write(moment: datetime, row_id: UUID) -> str:
    """The place of a row, in characters that an address takes as they are."""
    return tokens.b64(to_text(moment, row_id).encode())


def read(text: str) -> Place:
    """The place; a 422 for text that was not written here."""
    try:
        moment, _, row_id = tokens.unb64(text).decode("ascii").partition(SEPARATOR)
        place = datetime.fromisoformat(moment), UUID(row_id)
        if place[0].tzinfo is not UTC or not FIRST_YEAR <= place[0].year <= LAST_YEAR:
            raise ValueError("not as written here")
    except (tokens.BadToken, ValueError) as error:
        raise Invalid("This cursor was not made here; start again without one.", pointer="/cursor") from error
    return place
