"""Parts of SVG charts.

A chart is an image with its sentence as its name; the page shows the same numbers in a table. Classes give the colours
of the page, which may be light, dark or forced; attributes give those of a chart outside of it. No meaning is in
a colour alone. Charts run from left to right in every language, like their numbers.
"""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

FONT_SIZE = 12
#: The colours of a chart without a style sheet, as in static/console/tokens.css.
COLOURS = {
    "positive": "#14746f",
    "neutral": "#7a5c00",
    "negative": "#b23a2e",
    "band": "#e2f3f0",
    "grid": "#dde2e8",
    "label": "#5f6b78",
    "line": "#14746f",
    "hole": "#ffffff",
}

Number = float | int


def image(width: Number, height: Number, name: str, parts: Iterable[Markup], klass: str) -> Markup:
    """Return a chart that scales to the width of its place. `name` is its sentence."""
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart {}" viewBox="0 0 {} {}" role="img" aria-label="{}"'
        ' direction="ltr" font-family="system-ui, sans-serif" font-size="{}">{}</svg>'
    ).format(klass, digits(width), digits(height), name, FONT_SIZE, Markup("").join(parts))


def line(x1: Number, y1: Number, x2: Number, y2: Number, klass: str, dashes: str = "") -> Markup:
    dash = Markup(' stroke-dasharray="{}"').format(dashes) if dashes else ""
    template = Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}"{}/>')
    return template.format(klass, digits(x1), digits(y1), digits(x2), digits(y2), COLOURS[klass], dash)


def label(x: Number, y: Number, text: str, anchor: str = "start") -> Markup:
    template = Markup('<text class="label" x="{}" y="{}" text-anchor="{}" fill="{}">{}</text>')
    return template.format(digits(x), digits(y), anchor, COLOURS["label"], text)


def path(points: Iterable[tuple[Number, Number]], klass: str) -> Markup:
    """Return an open line through points."""
    template = Markup('<path class="{}" d="{}" fill="none" stroke="{}" stroke-width="2.5" stroke-linejoin="round"/>')
    return template.format(klass, _steps(points), COLOURS[klass])


def area(points: Iterable[tuple[Number, Number]], klass: str) -> Markup:
    """Return a filled outline."""
    return Markup('<path class="{}" d="{}Z" fill="{}"/>').format(klass, _steps(points), COLOURS[klass])


def dot(x: Number, y: Number, klass: str, title: str = "", radius: Number = 3) -> Markup:
    """Return a point; its title is what a pointer that rests on it shows."""
    inner = Markup("<title>{}</title>").format(title) if title else ""
    template = Markup('<circle class="{}" cx="{}" cy="{}" r="{}" fill="{}">{}</circle>')
    return template.format(klass, digits(x), digits(y), digits(radius), COLOURS[klass], inner)


def box(x: Number, y: Number, width: Number, height: Number, klass: str, title: str = "") -> Markup:
    inner = Markup("<title>{}</title>").format(title) if title else ""
    template = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" fill="{}">{}</rect>')
    return template.format(klass, digits(x), digits(y), digits(width), digits(height), COLOURS[klass], inner)


def digits(value: Number) -> str:
    """Return a coordinate with at most one digit after the point.

    >>> digits(12.04), digits(3.25), digits(7)
    ('12', '3.2', '7')
    """
    return f"{value:.1f}".removesuffix(".0")


def _steps(points: Iterable[tuple[Number, Number]]) -> str:
    return "M" + "L".join(f"{digits(x)} {digits(y)}" for x, y in points)
