"""A forged host never appears in a response, a link or a redirect. Addresses come only from the settings."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from flask import Flask

from widget_server.accounts.sign_in import make_link_token
from widget_server.core import clock
from widget_server.core.config import Config

from ..back_end import Api
from ..conversations.talk import done
from ..factories import MadeSite, Make
from .conftest import Page

PUBLIC = "https://ratings.example.org"
EVIL = "evil.example"
HOSTS = [
    EVIL,
    f"{EVIL}:443",
    f"ratings.example.org.{EVIL}",
    f"ratings.example.org@{EVIL}",
    f"ratings.example.org:80@{EVIL}",
    f"localhost.{EVIL}",
    f"127.0.0.1.{EVIL}",
    f"{EVIL}#ratings.example.org",
    f"{EVIL}\\@ratings.example.org",
    "notratings.example.org",
    "xratings.example.org",
    "sub.ratings.example.org",
    "ratings.example.org, " + EVIL,
    "0",
    "[::2]",
    "",
]
FORWARDED = [
    {"X-Forwarded-Host": EVIL},
    {"X-Forwarded-Host": f"{EVIL}, {EVIL}"},
    {"X-Host": EVIL},
    {"X-Original-Host": EVIL},
    {"X-Forwarded-Server": EVIL},
    {"Forwarded": f"host={EVIL};proto=http"},
    {"X-Original-URL": f"https://{EVIL}/"},
    {"X-Forwarded-Prefix": f"//{EVIL}"},
    {"X-Forwarded-Port": "666"},
]


@pytest.fixture(params=[0, 1], ids=lambda hops: f"{hops} proxies")
def config(request: pytest.FixtureRequest, config: Config) -> Config:
    return dataclasses.replace(config, public_url=PUBLIC, trusted_proxies=request.param)


def calls(app: Flask, site: MadeSite, api: Api, page: Page) -> list[tuple[str, str, Any]]:
    """Return every kind of request whose response may contain an address: (method, path, JSON)."""
    link = make_link_token(app.config["SECRET_KEYS"], clock.now())
    return [
        ("GET", f"/w/{site.key}.js", None),
        ("GET", "/w/none.js", None),
        ("GET", f"/w//{site.key}.js", None),
        ("POST", f"/w/{site.key}/ended", {"conversation": "c", "browser": page.browser}),
        ("GET", "/api/v1/site", None),
        ("POST", "/api/v1/agent-tokens", {"agent": "anna"}),
        ("GET", "/api/v1/openapi.json", None),
        ("GET", "/api/v1/docs", None),
        ("GET", "/docs", None),
        ("GET", "/", None),
        ("GET", "/console", None),
        ("GET", "/console/", None),
        ("GET", f"/console/sign-in/link#{link}", None),
        ("POST", "/console/sign-in/link", {"code": link}),
        ("GET", "/nothing/", None),
    ]


def response_text(answer: Any) -> str:
    """Return all of a response as one text."""
    return "\n".join(f"{name}: {value}" for name, value in answer.headers) + "\n" + answer.get_data(as_text=True)


@pytest.fixture
def page_with_agent(page: Page, api: Api) -> Page:
    done(api.put("/agents/anna", {"name": "Anna"}))
    return page


def test_an_unknown_host_is_refused_on_every_route(app: Flask, site: MadeSite, api: Api, page_with_agent: Page) -> None:
    for host in HOSTS:
        for method, path, body in calls(app, site, api, page_with_agent):
            headers = {"Host": host, "Authorization": f"Bearer {site.api_key}"}
            answer = api.client.open(path, method=method, json=body, headers=headers)
            assert answer.status_code == 400, (host, path)
            assert "Location" not in answer.headers
            assert f"//{EVIL}" not in response_text(answer)


def test_host_names_are_compared_without_case_and_final_dot(app: Flask, site: MadeSite, api: Api) -> None:
    for host in ("RATINGS.Example.ORG", "ratings.example.org.", "Ratings.example.org.:443", "LOCALHOST"):
        answer = api.client.get(f"/w/{site.key}.js", headers={"Host": host})
        assert answer.status_code == 200, host
    for host in ("ratings.example.org..", ".", "ratings.example.org.evil.example."):
        assert api.client.get(f"/w/{site.key}.js", headers={"Host": host}).status_code == 400, host


def test_health_checks_answer_any_host(app: Flask, api: Api) -> None:
    """A load balancer asks by address, or by a name in its configuration."""
    for host in (*HOSTS, "10.0.0.7:8000"):
        for path in ("/health/live", "/health/ready"):
            answer = api.client.get(path, headers={"Host": host})
            assert answer.status_code == 200, (host, path)
            assert EVIL not in response_text(answer)


@pytest.mark.slow
def test_headers_of_proxies_set_no_host(app: Flask, site: MadeSite, api: Api, page_with_agent: Page) -> None:
    for headers in FORWARDED:
        for method, path, body in calls(app, site, api, page_with_agent):
            answer = api.client.open(
                path,
                method=method,
                json=body,
                headers={**headers, "Host": "ratings.example.org", "Authorization": f"Bearer {site.api_key}"},
            )
            assert answer.status_code < 500
            assert EVIL not in response_text(answer), (headers, path)
            assert "666" not in answer.headers.get("Location", "")


def test_addresses_are_those_of_the_settings(api: Api, make: Make, page_with_agent: Page) -> None:
    for host in ("ratings.example.org", "localhost", "127.0.0.1"):
        own = done(api.get("/site", headers={"Host": host}))
        assert own["tag"] == f'<script async src="{PUBLIC}/w/{own["key"]}.js"></script>'
        token = done(api.post("/agent-tokens", {"agent": "anna"}, headers={"Host": host}), 201)
        assert token["live_url"] == f"{PUBLIC}/live/events"
