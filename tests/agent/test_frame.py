"""The page for a frame: the origins that may frame it, and that it holds no data."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.back_end import Api
from tests.factories import MadeSite, Make
from widget_server.agent.frame import TEXTS
from widget_server.core.assets import STATIC

DESK = "https://desk.example"


def open_frame(client: FlaskClient, key: str) -> Any:
    return client.get(f"/embed/transcript/{key}")


def policy(answer: Any) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


def without_nonce(answer: Any) -> tuple[Any, ...]:
    """Return a response without its random values."""
    text = answer.get_data(as_text=True) + str(answer.headers)
    nonce = re.search(r"nonce-([\w-]+)", text)
    assert nonce
    hidden = text.replace(nonce[1], "").replace(answer.headers["X-Request-Id"], "")
    return answer.status_code, hidden


def test_the_sites_own_helpdesk_may_frame_it_and_nothing_is_read_from_elsewhere(
    client: FlaskClient, site: MadeSite, api: Api
) -> None:
    api.patch("/site", {"agent_origins": [DESK, "http://127.0.0.1:*"]})

    answer = open_frame(client, site.key)

    assert answer.status_code == 200
    directives = policy(answer)
    assert directives["frame-ancestors"] == f"{DESK} http://127.0.0.1:*"
    assert (directives["default-src"], directives["script-src"], directives["trusted-types"]) == (
        "'none'",
        "'self'",
        "'none'",
    )
    assert directives["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers and answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert client.get("/agent-frame.js").status_code == 200


@pytest.mark.parametrize("token", ["token=tfl_secret", "conversation=c1"])
def test_the_query_is_not_read(client: FlaskClient, site: MadeSite, api: Api, token: str) -> None:
    api.patch("/site", {"agent_origins": [DESK]})
    assert without_nonce(open_frame(client, f"{site.key}?{token}")) == without_nonce(open_frame(client, site.key))


def test_a_site_without_a_helpdesk_is_answered_like_a_missing_one(
    client: FlaskClient, site: MadeSite, make: Make
) -> None:
    gone = make.site(name="Gone")
    Api(client, gone.api_key).patch("/site", {"agent_origins": [DESK]})
    make.operator().call("DELETE", f"/sites/{gone.key}")

    answers = [open_frame(client, key) for key in (site.key, "unknown", gone.key)]

    assert {without_nonce(answer) for answer in answers} == {without_nonce(answers[0])}
    assert answers[0].status_code == 404 and policy(answers[0])["frame-ancestors"] == "'none'"
    assert "tilfreds site helpdesk" in answers[0].get_data(as_text=True)
    assert "<script" not in answers[0].get_data(as_text=True)


def test_each_site_has_separate_helpdesks(client: FlaskClient, site: MadeSite, api: Api, make: Make) -> None:
    other = make.site(name="Other")
    Api(client, other.api_key).patch("/site", {"agent_origins": ["https://other.example"]})
    api.patch("/site", {"agent_origins": [DESK]})
    assert policy(open_frame(client, site.key))["frame-ancestors"] == DESK
    api.patch("/site", {"agent_origins": []})
    assert open_frame(client, site.key).status_code == 404


def test_the_frame_and_its_script_are_in_the_language_of_the_browser(client: FlaskClient, site: MadeSite) -> None:
    answer = client.get(f"/embed/transcript/{site.key}", headers={"Accept-Language": "de"})
    assert '<html lang="de">' in answer.text and "Accept-Language" in answer.vary
    scripts = (STATIC / "agent" / "frame.js").read_text("utf-8")
    assert set(re.findall(r'\btranslate\("([^"]+)"', scripts)) == set(TEXTS)
