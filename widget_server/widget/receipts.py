"""A receipt as the page reads it."""

from __future__ import annotations

from typing import Any

from ..ratings.submission import Receipt


def receipt_out(receipt: Receipt, survey: str | None = None) -> dict[str, Any]:
    """`survey` is the address of the longer survey that follows this answer."""
    told = {
        "vote": str(receipt.vote_id),
        "rev": receipt.rev,
        "score": receipt.score,
        "comment": receipt.has_comment,
        "status": receipt.status,
        "saved_at": receipt.saved_at.isoformat(timespec="milliseconds"),
    }
    return told | {"survey": survey} if survey else told
