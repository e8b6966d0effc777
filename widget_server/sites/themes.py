"""The appearance of a site's card: themes, colours, radius, font and logo as CSS rules for the tag.

The widget does not know themes. If a site has one, its file ends with these rules, which set only what any page could
set: custom properties and `::part`. The page's own rules win, because `:where` has no specificity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core.errors import Invalid
from .colours import HEX, blend, contrast

Palette = Mapping[str, str]
#: The widget's default colours, as in static/src/style.css and looks/scales.css.
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
#: The opacity of the ink in faces, words and the status line.
SOFT = 0.75
#: The opacity of the tint behind a pressed face.
TINT = 0.08
#: The minimum contrast of text and of graphics (WCAG 2.2, 1.4.3 and 1.4.11).
TEXT, PART = 4.5, 3.0
MAX_LOGO_LENGTH = 6_000
LOGO = re.compile(r"https://[^\s\"'()\\<>]+|data:image/(png|webp|svg\+xml);base64,[A-Za-z0-9+/]+={0,2}")
#: theme.js replaces it with the page's font.
PAGE_FONT = "--page-font"


@dataclass(frozen=True)
class Theme:
    """A built-in theme. `rules` are CSS declarations by part."""

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
            # The row begins below the ×; beside it the row would be off centre.
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
    """Check that a theme can be shown and read.

    Raises:
        Invalid: with a pointer to the first colour or picture that is malformed, or whose contrast is too low.
    """
    check_theme_values(theme)
    for pointer, problem in find_contrast_problems(theme):
        raise Invalid(problem, pointer=pointer)


def check_theme_values(theme: Mapping[str, Any]) -> None:
    """Check that the colours and the logo of a theme are well-formed, and so safe in a style sheet.

    Raises:
        Invalid: with a pointer to the first value that is malformed.
    """
    for colours in ("colours", "dark_colours"):
        for name, colour in theme.get(colours, {}).items():
            if not HEX.fullmatch(colour):
                raise Invalid(
                    "Colour must have the form #rrggbb, for example #14746f.", pointer=f"/theme/{colours}/{name}"
                )
    if "dark_colours" in theme and "colours" not in theme:
        raise Invalid("Dark colours require light colours; set `colours` too.", pointer="/theme/dark_colours")
    logo = theme.get("logo")
    if logo is not None and not LOGO.fullmatch(logo["src"]):
        problem = "Logo must be an https address or a base64 data URL of type image/png, image/webp or image/svg+xml."
        raise Invalid(problem, pointer="/theme/logo/src")


def find_contrast_problems(theme: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (pointer, message) of each colour whose contrast is too low, in a theme whose colours are well-formed."""
    fields = {"light": "colours", "dark": "dark_colours"}
    for scheme, palette in to_palettes(theme).items():
        where = "/theme/" + (fields[scheme] if fields[scheme] in theme else "colours")
        for name, background, minimum in contrast_pairs(palette):
            colour = blend(palette[name], SOFT, palette["paper"]) if name == "ink" else palette[name]
            ratio = contrast(colour, background)
            if ratio < minimum:
                yield f"{where}/{name}", _contrast_problem(name, scheme, ratio, minimum)


def contrast_pairs(palette: Palette) -> list[tuple[str, str, float]]:
    """Return (colour name, background, minimum contrast) of everything drawn; a pressed face has a tint behind it."""
    paper = palette["paper"]
    texts = [(name, blend(palette[name], TINT, paper), TEXT) for name in ("positive", "neutral", "negative", "accent")]
    return [("ink", paper, TEXT), *texts, ("star", paper, PART)]


def _contrast_problem(name: str, scheme: str, ratio: float, minimum: float) -> str:
    softening = ", drawn at 75 % opacity," if name == "ink" else ""
    kind = "graphics" if minimum == PART else "text"
    # Rounded down, so that 4.499 does not appear as sufficient.
    figure = int(ratio * 100) / 100
    return (
        f"Contrast of {name}{softening} on paper is {figure}:1 in the {scheme} scheme; {kind} must have at least"
        f" {minimum}:1."
    )


def to_palettes(theme: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the colours of each scheme that visitors may see: {"light": ..., "dark": ...}, or one of them.

    A site with light colours only is light for all visitors, because half of a palette is not readable.
    """
    base = THEMES.get(theme.get("name", ""), DEFAULT)
    scheme = theme.get("scheme", base.scheme)
    if scheme == "auto" and "colours" in theme and "dark_colours" not in theme:
        scheme = "light"
    light_colours = _with_accent(theme.get("colours", {}))
    dark_colours = _with_accent(theme.get("dark_colours", {})) if scheme == "auto" else light_colours
    both = {"light": {**LIGHT, **base.light, **light_colours}, "dark": {**DARK, **base.dark, **dark_colours}}
    return both if scheme == "auto" else {scheme: both[scheme]}


def _with_accent(colours: Palette) -> dict[str, str]:
    """Return the colours with an accent: the positive colour unless the site sets one."""
    return {**({"accent": colours["positive"]} if "positive" in colours else {}), **colours}


def to_properties(theme: Mapping[str, Any]) -> dict[str, str]:
    """Return the colours, radius and scheme of a checked theme as custom properties."""
    palettes = to_palettes(theme)
    light, dark = (palettes.get(scheme) or next(iter(palettes.values())) for scheme in ("light", "dark"))
    base = THEMES.get(theme.get("name", ""), DEFAULT)
    properties = {f"--tilfreds-{name}": f"light-dark({light[name]},{dark[name]})" for name in COLOURS}
    properties["--tilfreds-radius"] = f"{theme.get('radius', base.radius)}px"
    if len(palettes) == 1:
        properties["--tilfreds-scheme"] = next(iter(palettes))
    return properties


def to_css(theme: Mapping[str, Any]) -> str:
    """Return the CSS rules of a checked theme."""
    base = THEMES.get(theme.get("name", ""), DEFAULT)
    properties = to_properties(theme)
    if theme.get("font") == "inherit":
        properties["--tilfreds-font"] = PAGE_FONT
    rules = [f":where(tilfreds-rating){{{';'.join(f'{name}:{value}' for name, value in properties.items())}}}"]
    rules += [f"tilfreds-rating::part({part}){{{declarations}}}" for part, declarations in base.rules.items()]
    if logo := theme.get("logo"):
        rules.append(_logo_rule(logo["src"]))
    return "".join(rules)


def _logo_rule(src: str) -> str:
    """Return the rule for a logo in the corner opposite the ×, in the margin beside the question."""
    picture = f'content:"";background:url("{src}") center/contain no-repeat;width:28px;height:28px'
    return f"tilfreds-rating::part(card)::before{{{picture};float:inline-start;margin:-4px 0}}"
