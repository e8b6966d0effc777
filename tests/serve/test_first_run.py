"""The lines that a start prints for an empty server."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask

from tests.databases import ON_BOTH
from tests.factories import Make
from widget_server.core.config import Config
from widget_server.serve import start
from widget_server.serve.first_run import set_up_lines


@ON_BOTH
def test_an_empty_server_leads_to_its_set_up_until_it_has_a_site(app: Flask, config: Config, make: Make) -> None:
    address, hint = set_up_lines(config)
    link = urlsplit(address.removeprefix("Set up    "))
    assert (link.path, link.fragment[:4], link.query) == ("/console/set-up", "tfu_", "")
    assert "24 hours" in hint
    assert app.test_client().get(link.path).status_code == 200

    make.site()

    assert set_up_lines(config) == []


def test_the_set_up_is_the_last_thing_that_a_start_prints(config: Config) -> None:
    start_plan = start.StartPlan(warnings=["a warning"], set_up=["the set-up"])
    lines = start.make_supervisor_plan(config, start_plan, start.Extra(lines=["the demo"]))["lines"]
    assert lines[-3:] == ["a warning", "the set-up", "the demo"]
