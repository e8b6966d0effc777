"""The kind `text`: a short free text."""

from __future__ import annotations

from .base import MAX_TEXT, FreeText


class ShortText(FreeText):
    name = "text"
    is_repeatable = True
    is_for_page = True
    max_length = MAX_TEXT
