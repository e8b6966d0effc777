"""The group "Appearance": the theme of the card, with the logo as a file or an address."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import g, request, url_for

from ...core.errors import Invalid
from ...core.marked_texts import N_
from ...sites.models import Site
from ...sites.themes import DARK, DEFAULT, LIGHT, MAX_LOGO_LENGTH, THEMES
from .form import read_changes
from .group import Group
from .setting import Setting

LOGO = "theme.logo.src"
#: The types of a logo by the first bytes of its file; WebP has them after four bytes of its size.
LOGO_TYPES = {b"\x89PNG": "image/png", b"RIFF": "image/webp", b"<svg": "image/svg+xml", b"<?xm": "image/svg+xml"}
PALETTES = ("colours", "dark_colours")
COLOUR_LABELS = {
    "ink": N_("Text"),
    "paper": N_("Background"),
    "positive": N_("Positive"),
    "neutral": N_("Neutral"),
    "negative": N_("Negative"),
    "accent": N_("Chosen step"),
    "star": N_("Stars"),
}
COLOUR_HELP = {
    "colours": N_("A colour such as #14746f; own colours without dark ones make the card light for all visitors."),
    "dark_colours": N_("A colour such as #5cc7ba for visitors with a dark page; needs colours for light pages."),
}


#: The theme without its colours.
THEME_SETTINGS = (
    Setting(
        "theme.name",
        N_("Theme"),
        N_("The style of the card; the settings below change it."),
        N_("Tilfreds"),
        "pages",
        "choice",
        {"": N_("Tilfreds"), **dict.fromkeys(THEMES, "")},
    ),
    Setting(
        "theme.scheme",
        N_("Light or dark"),
        N_("Follow the page, or show the same card to all visitors."),
        N_("As the theme"),
        "pages",
        "choice",
        {"": N_("As the theme"), "auto": N_("Follow the page"), "light": N_("Light"), "dark": N_("Dark")},
    ),
    Setting(
        "theme.font",
        N_("Font"),
        N_("The font of the page looks like a part of it."),
        N_("Sans serif of the system"),
        "pages",
        "choice",
        {"": N_("Default"), "system": N_("Sans serif of the system"), "inherit": N_("Font of the page")},
    ),
    Setting(
        "theme.radius",
        N_("Round corners"),
        N_("Radius of the card and its buttons in pixels, 0 to 24."),
        str(DEFAULT.radius),
        "pages",
        "number",
    ),
    Setting(
        LOGO,
        N_("Logo"),
        N_("An https address that your pages allow, or a file; a small square picture opposite the close button."),
        N_("None"),
        "pages",
    ),
)


def colour_settings() -> Iterator[Setting]:
    """Yield the colours of both schemes."""
    for palette, defaults in zip(PALETTES, (LIGHT, DARK), strict=True):
        for name, label in COLOUR_LABELS.items():
            yield Setting(f"theme.{palette}.{name}", label, COLOUR_HELP[palette], defaults[name], "pages")


def read_theme(site: Site, settings: Sequence[Setting], typed: dict[str, Any]) -> dict[str, Any]:
    """Return the theme of the form; a chosen file replaces the address of the logo.

    Raises: Invalid: a field has a wrong value, or the file is no small picture.
    """
    if file := request.files.get("logo_file"):
        typed[LOGO] = to_data_url(file.read(MAX_LOGO_LENGTH)) if file.filename else typed[LOGO]
    return read_changes(site, settings, typed)


def to_data_url(content: bytes) -> str:
    """Return a picture as the address of a logo.

    Raises: Invalid: it is too large, or neither PNG, WebP nor SVG.
    """
    kind = next((kind for start, kind in LOGO_TYPES.items() if content.lstrip().startswith(start)), None)
    address = f"data:{kind};base64,{base64.b64encode(content).decode()}"
    if kind is None or len(address) > MAX_LOGO_LENGTH:
        raise Invalid("Logo must be a PNG, WebP or SVG file of at most 4 KB.", pointer="/theme/logo/src")
    return address


def preview_address(site: Site, scheme: str, values: Mapping[str, Any]) -> str:
    """Return the address of the preview of a theme as it is in the form."""
    theme = {name: value for name, value in values.items() if value}
    return url_for("console.preview_theme", key=site.key, scheme=scheme, **theme)


def appearance_values(site: Site) -> dict[str, Any]:
    # The page frames its previews, which the policy of other pages refuses.
    g.shows_frames = True
    return {"preview_address": preview_address, "palettes": PALETTES}


APPEARANCE = Group(
    "appearance",
    N_("Appearance"),
    N_("The colours, the corners, the font and the logo of the card, with a preview of the real one."),
    (*THEME_SETTINGS, *colour_settings()),
    template="console/settings_appearance.html",
    values=appearance_values,
    read=read_theme,
)
