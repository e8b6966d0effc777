"""Tests of themes: a readable theme is part of its site's file only; an unreadable one is rejected with the ratio."""

from __future__ import annotations

import doctest
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.back_end import Api, done
from tests.factories import MadeSite
from widget_server.core.assets import STATIC
from widget_server.sites import colours
from widget_server.sites.themes import DARK, LIGHT, MAX_RADIUS, THEMES, check_theme, to_css

SVG = "data:image/svg+xml;base64,PHN2Zy8+"
OWN = {"ink": "#223311", "paper": "#f3f7e4", "positive": "#2f6b1f"}
FULL: dict[str, Any] = {
    "name": "corporate",
    "colours": OWN,
    "dark_colours": {"paper": "#000000"},
    "radius": 0,
    "font": "inherit",
    "logo": {"src": "https://shop.example/logo.svg"},
}


def test_the_examples_of_the_colour_functions() -> None:
    assert doctest.testmod(colours).failed == 0 and doctest.testmod(colours).attempted > 1


@pytest.mark.parametrize("name", THEMES)
def test_every_built_in_theme_is_readable(name: str) -> None:
    check_theme({"name": name})
    for scheme in ("light", "dark"):
        check_theme({"name": name, "scheme": scheme})


def test_the_five_themes_differ() -> None:
    assert set(THEMES) == {"white", "dark", "dense", "playful", "corporate"}
    assert len({to_css({"name": name}) for name in THEMES}) == 5


def test_the_default_colours_are_those_of_the_style_sheets() -> None:
    folder = STATIC / "src"
    sheets = [(folder / name).read_text("utf-8") for name in ("style.css", "looks/scales.css")]
    drawn_colours = dict(re.findall(r"--tilfreds-(\w+),(light-dark\(#\w+,#\w+\))", "".join(sheets)))
    defaults = {name: f"light-dark({LIGHT[name].replace('#ffffff', '#fff')},{DARK[name]})" for name in LIGHT}
    assert drawn_colours == defaults


def test_a_theme_is_set_replaced_and_removed(api: Api, client: FlaskClient, site: MadeSite) -> None:
    plain_file = client.get(f"/w/{site.key}.js").text
    assert done(api.get("/site"))["theme"] == {}
    assert done(api.patch("/site", {"theme": FULL}))["theme"] == FULL
    file = client.get(f"/w/{site.key}.js").text
    code = (STATIC / "dist" / "placements" / "theme.js").read_text("utf-8").strip()
    assert file.startswith(plain_file) and code in file[len(plain_file) :]
    assert "#223311" in file and "--tilfreds-radius:0px" in file and 'url(\\"https://shop.example/logo.svg\\")' in file
    assert done(api.patch("/site", {"theme": {"radius": 4}}))["theme"] == {"radius": 4}, "a theme is replaced whole"
    assert done(api.patch("/site", {"name": "Other"}))["theme"] == {"radius": 4}
    assert done(api.patch("/site", {"theme": None}))["theme"] == {}
    assert client.get(f"/w/{site.key}.js").text == plain_file, "without a theme the file has no theme code"


REJECTED_THEMES: list[tuple[Any, str, str]] = [
    (
        {"colours": {"ink": "#8a8a8a"}},
        "/theme/colours/ink",
        "is 2.4:1 in the light scheme; text must have at least 4.5:1",
    ),
    ({"colours": {"positive": "#2fae8a"}}, "/theme/colours/positive", "text must have at least 4.5:1"),
    ({"colours": {"star": "#f0b93b"}}, "/theme/colours/star", "graphics must have at least 3.0:1"),
    ({"colours": {"paper": "#808080"}}, "/theme/colours/ink", "text must have at least 4.5:1"),
    ({"colours": OWN, "dark_colours": {"ink": "#223311"}}, "/theme/dark_colours/ink", "in the dark scheme"),
    ({"dark_colours": {"ink": "#ffffff"}}, "/theme/dark_colours", "set `colours` too"),
    ({"colours": {"ink": "red"}}, "/theme/colours/ink", ""),
    ({"colours": {"ink": "#12345;"}}, "/theme/colours/ink", "#rrggbb"),
    ({"colours": {"ink": "#12345６"}}, "/theme/colours/ink", "#rrggbb"),
    ({"colours": {"border": "#123456"}}, "/theme/colours/border", "Unknown field"),
    ({"radius": MAX_RADIUS + 1}, "/theme/radius", "24"),
    ({"font": "Comic Sans"}, "/theme/font", "inherit"),
    ({"name": "brutal"}, "/theme/name", "playful"),
    ({"css": "*{}"}, "/theme/css", "Unknown field"),
    ({"logo": {"src": "http://shop.example/logo.png"}}, "/theme/logo/src", "https"),
    ({"logo": {"src": 'https://shop.example/a");}*{color:red}'}}, "/theme/logo/src", "https"),
    ({"logo": {"src": "https://shop.example/a\\22"}}, "/theme/logo/src", "https"),
    ({"logo": {"src": "data:text/html;base64,PHN2Zy8+"}}, "/theme/logo/src", "https"),
    ({"logo": {"src": SVG + "A" * 6000}}, "/theme/logo/src", "6000"),
    ({"logo": {}}, "/theme/logo/src", "required"),
]


def test_an_unreadable_or_malformed_theme_is_rejected(api: Api, subtests: pytest.Subtests) -> None:
    for theme, pointer, reason in REJECTED_THEMES:
        with subtests.test(theme=theme):
            response = api.patch("/site", {"theme": theme})
            problem = response.get_json()
            assert (response.status_code, problem["pointer"]) == (422, pointer), problem
            assert reason in problem["detail"]
            assert done(api.get("/site"))["theme"] == {}


@pytest.mark.parametrize("src", [SVG, "data:image/png;base64,iVBORw0KGgo=", "https://cdn.example/a/b.png?v=1&w=28"])
def test_logos(api: Api, src: str) -> None:
    assert done(api.patch("/site", {"theme": {"logo": {"src": src}}}))["theme"] == {"logo": {"src": src}}


def test_light_colours_alone_make_the_card_light_for_all_visitors() -> None:
    assert "--tilfreds-scheme:light" in to_css({"colours": OWN})
    assert "--tilfreds-scheme" not in to_css({"colours": OWN, "dark_colours": {"ink": "#ffffff"}})
    assert "light-dark(#2f6b1f,#2f6b1f)" in to_css({"colours": OWN})
