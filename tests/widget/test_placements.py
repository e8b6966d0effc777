"""The file of a site holds the placements in the site's settings, and no others."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.factories import MadeSite, Make
from tests.widget.served import read_settings
from widget_server.core.assets import STATIC
from widget_server.sites.placement import LAYOUTS

DIST = STATIC / "dist" / "placements"
CODE = {path.stem: path.read_text("utf-8") for path in sorted(DIST.glob("*.js"))}


@pytest.fixture
def site(make: Make) -> MadeSite:
    site = make.site()
    make.survey(site, "article")
    return site


def fetch_script(client: FlaskClient, site: MadeSite) -> str:
    return client.get(f"/w/{site.key}.js").get_data(as_text=True)


def read_placements(file: str) -> dict[str, Any]:
    """Return options by placement, from the `(code)(options)` of each in the file."""
    return {
        name: json.loads(match.group(1))
        for name, code in CODE.items()
        if (match := re.search(re.escape(f"({code})(") + r"(.*)\)\?\?1;\n", file))
    }


def test_without_a_placement_the_file_has_only_the_widget(client: FlaskClient, site: MadeSite) -> None:
    file = fetch_script(client, site)

    assert read_placements(file) == {}


def test_only_a_file_not_loaded_by_a_tag_has_its_address(client: FlaskClient, site: MadeSite) -> None:
    """Cache both files of one change of the site separately."""
    for mode, home in ((None, True), ("cors", True), ("no-cors", False), ("no-cors", False), (None, True)):
        answer = client.get(f"/w/{site.key}.js", headers={"Sec-Fetch-Mode": mode} if mode else {})
        home_setting = read_settings(answer.get_data(as_text=True)).get("home")
        assert home_setting == (f"http://localhost/w/{site.key}.js" if home else None)
        assert "Sec-Fetch-Mode" in answer.headers["Vary"]


#: What a site sets, and the options by placement in its file.
PLACED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"placement": {"layout": "furo"}}, {"inside": {"article": LAYOUTS["furo"]}}),
    ({"article_selector": "main > div"}, {"inside": {"article": "main > div"}}),
    ({"article_selector": "#text", "placement": {"layout": "furo"}}, {"inside": {"article": "#text"}}),
    ({"placement": {"panel": "#chat"}}, {"inside": {"conversation": "#chat"}}),
    (
        {"placement": {"layout": "hugo", "panel": "</script>"}},
        {"inside": {"article": LAYOUTS["hugo"], "conversation": "</script>"}},
    ),
    (
        {"placement": {"popover": {}, "launcher": {"side": "start"}}},
        {
            "popover": {"delay_seconds": 20, "scroll_percent": 50, "side": "start"},
            "launcher": {"side": "start", "where": "above", "clearance": 96},
        },
    ),
]


def test_each_placement_brings_its_code_with_its_options(
    client: FlaskClient, make: Make, subtests: pytest.Subtests
) -> None:
    for settings, options in PLACED:
        with subtests.test(settings=settings):
            site = make.site()
            make.survey(site, "article")
            assert make.back_end(site).patch("/site", settings).status_code == 200
            file = fetch_script(client, site)
            assert read_placements(file) == options
            assert "</script>" not in file


def test_another_site_has_none_of_it(client: FlaskClient, make: Make, site: MadeSite) -> None:
    make.back_end(site).patch("/site", {"placement": {"layout": "furo", "popover": {}, "launcher": {}}})

    assert read_placements(fetch_script(client, make.site())) == {}
