"""Convert a receipt to the JSON that the page reads."""

from __future__ import annotations

from typing import Any

from ..ratings.submission import Receipt


def receipt_out(receipt: Receipt, survey: str | None = None) -> dict[str, Any]:
    """Return the receipt as JSON; `survey` is the address of the survey page that follows this answer."""
    fields = {
        "vote": str(receipt.vote_id),
        "rev": receipt.rev,
        "score": receipt.score,
        "comment": receipt.has_comment,
        "status": receipt.status,
        "saved_at": receipt.saved_at.isoformat(timespec="milliseconds"),
    }
    return fields | {"survey": survey} if survey else fields
