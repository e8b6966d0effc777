"""How a site's card looks: five themes, colours of its own, radius, font and logo, as rules for the tag.

The widget knows nothing of it. Its file ends with these rules where a site has a theme, and they set what any page
could set: custom properties and `::part`. The page's own rules come first (`:where` has no weight).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core.errors import Invalid
from .colours import HEX, contrast, mixed

Palette = Mapping[str, str]
#: What the widget draws with where nobody says otherwise: static/src/style.css and looks/scales.css.
LIGHT = {
    "ink": "#1d2733",
    "paper": "#ffffff",
    "positive": "#14746f",
    "neutral": "#7a5c00",
    "negative": "#b23a2e",
    "accent": "#14746f",
    "star": "#8a6100",
}
DARK = {
    "ink": "#e9edf2",
    "paper": "#17202a",
    "positive": "#5cc7ba",
    "neutral": "#e2b93b",
    "negative": "#f08a7c",
    "accent": "#5cc7ba",
    "star": "#f0b93b",
}
COLOURS = tuple(LIGHT)
SCHEMES = ("auto", "light", "dark")
FONTS = ("system", "inherit")
MAX_RADIUS = 24
#: Faces, words and the status line are written in so much of the ink.
SOFT = 0.75
#: A pressed face lies on so much of its own colour.
TINT = 0.12
TEXT, PART = 4.5, 3.0
MAX_LOGO_LENGTH = 6_000
LOGO = re.compile(r"https://[^\s\"'()\\<>]+|data:image/(png|webp|svg\+xml);base64,[A-Za-z0-9+/]+={0,2}")
#: In its place theme.js puts the page's font.
PAGE_FONT = "--page-font"


@dataclass(frozen=True)
class Theme:
    """A look of ours. `rules` are declarations by part."""

    radius: int = 10
    scheme: str = "auto"
    light: Palette = field(default_factory=dict)
    dark: Palette = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)


THEMES = {
    "white": Theme(
        radius=14,
        scheme="light",
        rules={"card": "border-color:#8882;box-shadow:0 1px 2px #0001,0 8px 24px #0000000f;padding:20px 16px 16px"},
    ),
    "dark": Theme(
        radius=12,
        scheme="dark",
        dark={"paper": "#10151c", "ink": "#e6eaf0"},
        rules={"card": "border-color:#ffffff1f;padding:20px 16px 16px"},
    ),
    "dense": Theme(
        radius=4,
        rules={
            "card": "padding:8px 12px;font-size:13px;line-height:1.35",
            # The row begins below the ×, or it would make room for it and stand out of the middle.
            "question": "margin-bottom:8px",
            "choice": "padding:4px",
            "status": "margin-top:4px",
        },
    ),
    "playful": Theme(
        radius=22,
        light={
            "ink": "#43213f",
            "paper": "#fff5e9",
            "positive": "#0b6e4f",
            "neutral": "#85520a",
            "negative": "#b3264a",
            "accent": "#8a2f7d",
            "star": "#a35400",
        },
        dark={"ink": "#fbeaf7", "paper": "#331a30", "positive": "#6fdcb0", "negative": "#ff9bb0", "accent": "#f0a6e4"},
        rules={
            "card": "border:2px solid #8a2f7d40;padding:20px 16px 16px",
            "question": "font-size:18px;font-weight:700",
        },
    ),
    "corporate": Theme(
        radius=2,
        light={"ink": "#14233c", "paper": "#f6f8fb", "positive": "#0f6963", "accent": "#1f4e8c"},
        dark={"ink": "#e4eaf3", "paper": "#121a26", "accent": "#8fb6ee"},
        rules={
            "card": "border:1px solid #8886;border-block-start:3px solid var(--tilfreds-accent);padding:20px 16px 16px",
            "question": "font-weight:500;letter-spacing:.01em",
        },
    ),
}
DEFAULT = Theme()


def check_theme(theme: Mapping[str, Any]) -> None:
    """Raise `Invalid` with a pointer to the first thing that cannot be shown, or not be read."""
    for colours in ("colours", "dark_colours"):
        for name, colour in theme.get(colours, {}).items():
            if not HEX.fullmatch(colour):
                raise Invalid("Give a colour as #rrggbb.", pointer=f"/theme/{colours}/{name}")
    if "dark_colours" in theme and "colours" not in theme:
        raise Invalid("Colours for the dark come beside those for the light.", pointer="/theme/dark_colours")
    logo = theme.get("logo")
    if logo is not None and not LOGO.fullmatch(logo["src"]):
        problem = "Give an https address, or data:image/png;base64, (webp and svg+xml, too) with the picture."
        raise Invalid(problem, pointer="/theme/logo/src")
    own = {"light": "colours", "dark": "dark_colours"}
    for scheme, palette in palettes(theme).items():
        where = "/theme/" + (own[scheme] if own[scheme] in theme else "colours")
        for name, ground, least in pairs(palette):
            found = contrast(mixed(palette[name], SOFT, palette["paper"]) if name == "ink" else palette[name], ground)
            if found < least:
                raise Invalid(_too_faint(name, scheme, found, least), pointer=f"{where}/{name}")


def pairs(palette: Palette) -> list[tuple[str, str, float]]:
    """(colour, what it lies on, the least contrast) of all that is drawn; a pressed face lies on a tint of itself."""
    paper = palette["paper"]
    texts = [(name, mixed(palette[name], TINT, paper), TEXT) for name in ("positive", "neutral", "negative", "accent")]
    return [("ink", paper, TEXT), *texts, ("star", paper, PART)]


def _too_faint(name: str, scheme: str, found: float, least: float) -> str:
    softened = " (words are written in three quarters of it)" if name == "ink" else ""
    kind = "a part" if least == PART else "text"
    # Down, so that 4.499 is not told as enough.
    figure = int(found * 100) / 100
    return f"In the {scheme} {name}{softened} on paper has a contrast of {figure}:1; {kind} needs {least}:1."


def palettes(theme: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The colours of each scheme that visitors may see: {"light": ..., "dark": ...}, or one of them.

    A site that gives colours for the light alone is light for everybody: half of a palette cannot be read.
    """
    ours = THEMES.get(theme.get("name", ""), DEFAULT)
    scheme = theme.get("scheme", ours.scheme)
    if scheme == "auto" and "colours" in theme and "dark_colours" not in theme:
        scheme = "light"
    own = _own(theme.get("colours", {}))
    both = {
        "light": {**LIGHT, **ours.light, **own},
        "dark": {**DARK, **ours.dark, **(_own(theme.get("dark_colours", {})) if scheme == "auto" else own)},
    }
    return both if scheme == "auto" else {scheme: both[scheme]}


def _own(colours: Palette) -> dict[str, str]:
    """The accent of looks with many steps is the positive colour, unless it is given."""
    return {**({"accent": colours["positive"]} if "positive" in colours else {}), **colours}


def properties(theme: Mapping[str, Any]) -> dict[str, str]:
    """Colours, corners and scheme of a checked theme, as custom properties."""
    found = palettes(theme)
    light, dark = (found.get(scheme) or next(iter(found.values())) for scheme in ("light", "dark"))
    ours = THEMES.get(theme.get("name", ""), DEFAULT)
    made = {f"--tilfreds-{name}": f"light-dark({light[name]},{dark[name]})" for name in COLOURS}
    made["--tilfreds-radius"] = f"{theme.get('radius', ours.radius)}px"
    if len(found) == 1:
        made["--tilfreds-scheme"] = next(iter(found))
    return made


def css(theme: Mapping[str, Any]) -> str:
    """The rules of a checked theme."""
    ours = THEMES.get(theme.get("name", ""), DEFAULT)
    once = properties(theme)
    if theme.get("font") == "inherit":
        once["--tilfreds-font"] = PAGE_FONT
    rules = [f":where(tilfreds-rating){{{';'.join(f'{name}:{value}' for name, value in once.items())}}}"]
    rules += [f"tilfreds-rating::part({part}){{{declared}}}" for part, declared in ours.rules.items()]
    if logo := theme.get("logo"):
        rules.append(_logo(logo["src"]))
    return "".join(rules)


def _logo(src: str) -> str:
    """In the corner across from the ×, in the margin that the question leaves for both."""
    picture = f'content:"";background:url("{src}") center/contain no-repeat;width:28px;height:28px'
    return f"tilfreds-rating::part(card)::before{{{picture};float:inline-start;margin:-4px 0}}"
