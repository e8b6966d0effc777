"""The kind `callback`: a request to be contacted, with a telephone number or an address."""

from __future__ import annotations

from .base import MAX_CONTACT, FreeText


class Callback(FreeText):
    name = "callback"
    has_default_text = True
    max_length = MAX_CONTACT
