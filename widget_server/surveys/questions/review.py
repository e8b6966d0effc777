"""The kind `review`: a link to a review site."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.errors import Invalid
from .base import QuestionKind


class Review(QuestionKind):
    name = "review"
    has_default_text = True
    has_link = True
    is_pressed = True

    def check_definition(self, definition: Mapping[str, Any], pointer: str) -> None:
        if definition.get("link") is None:
            raise Invalid(
                "Link is required for a review; set the address of the review site.", pointer=f"{pointer}/link"
            )
