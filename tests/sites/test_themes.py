"""A site's own look: what can be read is taken and stands in its file alone, what cannot is refused with the figure."""

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
from widget_server.sites.themes import DARK, LIGHT, MAX_RADIUS, THEMES, check_theme, css

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


def test_the_sums() -> None:
    assert doctest.testmod(colours).failed == 0 and doctest.testmod(colours).attempted > 1


@pytest.mark.parametrize("name", THEMES)
def test_all_that_a_theme_of_ours_draws_can_be_read(name: str) -> None:
    check_theme({"name": name})
    for scheme in ("light", "dark"):
        check_theme({"name": name, "scheme": scheme})


def test_there_are_five_and_each_looks_its_own_way() -> None:
    assert set(THEMES) == {"white", "dark", "dense", "playful", "corporate"}
    assert len({css({"name": name}) for name in THEMES}) == 5


def test_what_a_theme_leaves_out_is_what_the_widget_draws_with() -> None:
    folder = STATIC / "src"
    sheets = [(folder / name).read_text("utf-8") for name in ("style.css", "looks/scales.css")]
    drawn = dict(re.findall(r"--tilfreds-(\w+),(light-dark\(#\w+,#\w+\))", "".join(sheets)))
    said = {name: f"light-dark({LIGHT[name].replace('#ffffff', '#fff')},{DARK[name]})" for name in LIGHT}
    assert drawn == said


def test_a_theme_is_set_replaced_and_taken_away(api: Api, client: FlaskClient, site: MadeSite) -> None:
    bare = client.get(f"/w/{site.key}.js").text
    assert done(api.get("/site"))["theme"] == {}
    assert done(api.patch("/site", {"theme": FULL}))["theme"] == FULL
    file = client.get(f"/w/{site.key}.js").text
    code = (STATIC / "dist" / "placements" / "theme.js").read_text("utf-8").strip()
    assert file.startswith(bare) and code in file[len(bare) :]
    assert "#223311" in file and "--tilfreds-radius:0px" in file and 'url(\\"https://shop.example/logo.svg\\")' in file
    assert done(api.patch("/site", {"theme": {"radius": 4}}))["theme"] == {"radius": 4}, "not merged: replaced"
    assert done(api.patch("/site", {"name": "Other"}))["theme"] == {"radius": 4}
    assert done(api.patch("/site", {"theme": None}))["theme"] == {}
    assert client.get(f"/w/{site.key}.js").text == bare, "a site without a theme carries nothing of it"


REFUSED: list[tuple[Any, str, str]] = [
    ({"colours": {"ink": "#8a8a8a"}}, "/theme/colours/ink", "contrast of 2.4:1; text needs 4.5:1"),
    ({"colours": {"positive": "#2fae8a"}}, "/theme/colours/positive", "text needs 4.5:1"),
    ({"colours": {"star": "#f0b93b"}}, "/theme/colours/star", "a part needs 3.0:1"),
    ({"colours": {"paper": "#808080"}}, "/theme/colours/ink", "text needs 4.5:1"),
    ({"colours": OWN, "dark_colours": {"ink": "#223311"}}, "/theme/dark_colours/ink", "In the dark"),
    ({"dark_colours": {"ink": "#ffffff"}}, "/theme/dark_colours", "beside"),
    ({"colours": {"ink": "red"}}, "/theme/colours/ink", ""),
    ({"colours": {"ink": "#12345;"}}, "/theme/colours/ink", "#rrggbb"),
    ({"colours": {"ink": "#12345６"}}, "/theme/colours/ink", "#rrggbb"),
    ({"colours": {"border": "#123456"}}, "/theme/colours/border", "no such field"),
    ({"radius": MAX_RADIUS + 1}, "/theme/radius", "24"),
    ({"font": "Comic Sans"}, "/theme/font", "inherit"),
    ({"name": "brutal"}, "/theme/name", "playful"),
    ({"css": "*{}"}, "/theme/css", "no such field"),
    ({"logo": {"src": "http://shop.example/logo.png"}}, "/theme/logo/src", "https"),
    ({"logo": {"src": 'https://shop.example/a");}*{color:red}'}}, "/theme/logo/src", "https"),
    ({"logo": {"src": "https://shop.example/a\\22"}}, "/theme/logo/src", "https"),
    ({"logo": {"src": "data:text/html;base64,PHN2Zy8+"}}, "/theme/logo/src", "https"),
    ({"logo": {"src": SVG + "A" * 6000}}, "/theme/logo/src", "6000"),
    ({"logo": {}}, "/theme/logo/src", "needed"),
]


def test_what_cannot_be_read_or_shown_is_refused(api: Api, subtests: pytest.Subtests) -> None:
    for theme, pointer, said in REFUSED:
        with subtests.test(theme=theme):
            refused = api.patch("/site", {"theme": theme})
            problem = refused.get_json()
            assert (refused.status_code, problem["pointer"]) == (422, pointer), problem
            assert said in problem["detail"]
            assert done(api.get("/site"))["theme"] == {}


@pytest.mark.parametrize("src", [SVG, "data:image/png;base64,iVBORw0KGgo=", "https://cdn.example/a/b.png?v=1&w=28"])
def test_logos(api: Api, src: str) -> None:
    assert done(api.patch("/site", {"theme": {"logo": {"src": src}}}))["theme"] == {"logo": {"src": src}}


def test_colours_for_the_light_alone_make_it_light_for_all() -> None:
    assert "--tilfreds-scheme:light" in css({"colours": OWN})
    assert "--tilfreds-scheme" not in css({"colours": OWN, "dark_colours": {"ink": "#ffffff"}})
    assert "light-dark(#2f6b1f,#2f6b1f)" in css({"colours": OWN})
