"""English texts that are marked for translators.

Code without a request, such as an error of the domain, marks a text; the page that shows it translates it. For
the API and the log it is an ordinary string in English.
"""

from __future__ import annotations

from typing import Any


def N_(text: str) -> str:
    """Mark a text for translators; the page that shows it translates it."""
    return text


class MarkedText(str):
    """An English text whose template and values are kept for a translation."""

    template: str
    values: dict[str, Any]


def marked(template: str, **values: Any) -> MarkedText:
    """Return an English text with values, such as `marked("At most %(count)s teams.", count=3)`.

    A value that is marked is translated, too.
    """
    text = MarkedText(template % values)
    text.template, text.values = template, values
    return text
