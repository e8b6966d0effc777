"""The file of a site holds the placements that the site wants, and nobody else's."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.factories import MadeSite, Make
from tests.widget.served import settings_in
from widget_server.core.assets import STATIC
from widget_server.sites.placement import LAYOUTS

DIST = STATIC / "dist" / "placements"
CODE = {path.stem: path.read_text("utf-8") for path in sorted(DIST.glob("*.js"))}


@pytest.fixture
def site(make: Make) -> MadeSite:
    made = make.site()
    make.survey(made, "article")
    return made


def served(client: FlaskClient, site: MadeSite) -> str:
    return client.get(f"/w/{site.key}.js").get_data(as_text=True)


def placed(file: str) -> dict[str, Any]:
    """Options by placement, in the file's own words: `(code)(options)` for each."""
    return {
        name: json.loads(found.group(1))
        for name, code in CODE.items()
        if (found := re.search(re.escape(f"({code})(") + r"(.*)\)\?\?1;\n", file))
    }


def test_without_a_placement_the_file_is_the_widget_alone(client: FlaskClient, site: MadeSite) -> None:
    file = served(client, site)

    assert placed(file) == {}


def test_only_who_does_not_ask_as_a_tag_is_told_the_address(client: FlaskClient, site: MadeSite) -> None:
    """Of one change of the site each keeps its own file."""
    for sent, home in ((None, True), ("cors", True), ("no-cors", False), ("no-cors", False), (None, True)):
        answer = client.get(f"/w/{site.key}.js", headers={"Sec-Fetch-Mode": sent} if sent else {})
        told = settings_in(answer.get_data(as_text=True)).get("home")
        assert told == (f"http://localhost/w/{site.key}.js" if home else None)
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
            file = served(client, site)
            assert placed(file) == options
            assert "</script>" not in file


def test_another_site_has_none_of_it(client: FlaskClient, make: Make, site: MadeSite) -> None:
    make.back_end(site).patch("/site", {"placement": {"layout": "furo", "popover": {}, "launcher": {}}})

    assert placed(served(client, make.site())) == {}
