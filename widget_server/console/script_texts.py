"""The texts of the console's scripts, which the page hands to them in its language."""

from __future__ import annotations

from ..core.catalogues import ENGLISH
from ..core.marked_texts import N_
from ..web.translations import page_language
from ..web.translations import translate as _

#: Every text that a script of `static/console` passes to `translate` of `texts.js`.
SCRIPT_TEXTS = (
    N_("Copied"),
    N_("Live"),
    N_("Not live since %(value)s. Updates every 5 seconds."),
    N_("Signed out. Reload the page to sign in again."),
    N_("now"),
    N_("%(value)s min"),
    N_("%(value)s h"),
)


def script_texts() -> dict[str, str]:
    """Return the translations for the page; none in English, which the scripts contain."""
    return {} if page_language() == ENGLISH else {text: _(text) for text in SCRIPT_TEXTS}
