"""Tests of the setting for automatic placement: it is stored, returned, and rejected with what to do."""

from __future__ import annotations

import pytest

from tests.back_end import Api
from widget_server.sites.placement import LAYOUTS

POPOVER = {"delay_seconds": 20, "scroll_percent": 50, "side": "start"}
LAUNCHER = {"side": "end", "where": "above", "clearance": 96}


def test_a_placement_is_set_and_removed(api: Api) -> None:
    assert api.get("/site").get_json()["placement"] == {}

    changed = api.patch("/site", {"placement": {"layout": "furo", "popover": {"delay_seconds": 5}, "launcher": {}}})

    placement = {"layout": "furo", "popover": {**POPOVER, "delay_seconds": 5}, "launcher": LAUNCHER}
    assert (changed.status_code, changed.get_json()["placement"]) == (200, placement)
    assert api.get("/site").get_json()["placement"] == placement
    assert api.patch("/site", {"name": "Shop"}).get_json()["placement"] == placement
    assert api.patch("/site", {"placement": {}}).get_json()["placement"] == {}


def test_a_new_site_may_have_a_placement(operator: Api) -> None:
    response = operator.post("/sites", {"name": "Docs", "placement": {"layout": "mkdocs-material"}})

    assert (response.status_code, response.get_json()["placement"]) == (201, {"layout": "mkdocs-material"})


REJECTED: list[tuple[object, str, str]] = [
    ("furo", "/placement", "must be a JSON object"),
    ({"layout": "wordpress"}, "/placement/layout", ", ".join(LAYOUTS)),
    ({"layout": None}, "/placement/layout", "null"),
    ({"corner": {}}, "/placement/corner", "Unknown field"),
    ({"panel": ""}, "/placement/panel", "1 to 400"),
    ({"panel": "#chat", "launcher": {}}, "/placement/launcher", "exclude each other"),
    ({"popover": {"delay_seconds": 601}}, "/placement/popover/delay_seconds", "from 0 to 600"),
    ({"popover": {"delay_seconds": 2.5}}, "/placement/popover/delay_seconds", "whole number"),
    ({"popover": {"scroll_percent": 101}}, "/placement/popover/scroll_percent", "from 0 to 100"),
    ({"popover": {"side": "left"}}, "/placement/popover/side", "end, start"),
    ({"popover": True}, "/placement/popover", "must be a JSON object"),
    ({"launcher": {"where": "under"}}, "/placement/launcher/where", "above, beside"),
    ({"launcher": {"clearance": -1}}, "/placement/launcher/clearance", "from 0 to 300"),
]


def test_a_wrong_placement_is_rejected_and_changes_nothing(api: Api, subtests: pytest.Subtests) -> None:
    api.patch("/site", {"placement": {"layout": "hugo"}})
    for placement, pointer, words in REJECTED:
        with subtests.test(placement=placement):
            answer = api.patch("/site", {"name": "Other", "placement": placement})

            problem = answer.get_json()
            assert (answer.status_code, problem["pointer"]) == (422, pointer)
            assert words in problem["detail"]
            site = api.get("/site").get_json()
            assert (site["name"], site["placement"]) == ("Shop", {"layout": "hugo"})
