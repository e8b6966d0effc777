"""Tests of the health and metrics routes."""

from __future__ import annotations

import dataclasses
import re
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.back_end import Api
from tests.conftest import SECRET_KEY
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.postgres import running
from tests.widget.conftest import Page
from widget_server import create_app
from widget_server.core.config import Config
from widget_server.migrations import run

RECOVERY_SECONDS = 10
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.7"}


def value_of(text: str, name: str, **labels: str) -> float:
    """Return the value of a sample in Prometheus' text format."""
    for line in text.splitlines():
        sample = re.fullmatch(rf"{name}(?:{{(.*)}})? (\S+)", line)
        if sample and dict(re.findall(r'(\w+)="([^"]*)"', sample[1] or "")) == labels:
            return float(sample[2])
    raise AssertionError(f"{name} {labels} is not in\n{text}")


@ON_BOTH
def test_a_migrated_database_is_ready(client: FlaskClient) -> None:
    assert (client.get("/health/live").status_code, client.get("/health/ready").status_code) == (200, 200)


@pytest.mark.parametrize("url", ["sqlite:////nowhere/tilfreds.sqlite3", "postgresql+psycopg://nobody@127.0.0.1:1/none"])
def test_without_a_database_the_server_is_live_but_not_ready(url: str, config: Config) -> None:
    client = create_app(dataclasses.replace(config, database_url=url)).test_client()

    ready = client.get("/health/ready")

    assert (ready.status_code, ready.get_json()["code"]) == (503, "unavailable")
    assert int(ready.headers["Retry-After"]) > 0
    assert client.get("/health/live").status_code == 200
    assert value_of(client.get("/metrics").text, "tilfreds_database_up") == 0


@pytest.mark.postgresql
def test_a_database_that_comes_back_is_used_again_without_a_restart(tmp_path: Path) -> None:
    """Check that every response without the database is a 503, and that none is a 500 (A16)."""
    with running(durable=True) as server:
        url = server.create("comes_back")
        run.upgrade(url)
        app = create_app(Config(data_dir=tmp_path, database_url=url, secret_keys=(SECRET_KEY,)))
        client = app.test_client()
        assert client.get("/health/ready").status_code == 200

        server.crash()
        responses = [client.get("/health/ready"), client.get("/api/v1/site", headers={"Authorization": "Bearer tfk_x"})]
        assert [response.status_code for response in responses] == [503, 503]
        assert client.get("/health/live").status_code == 200

        server.start()
        deadline = time.monotonic() + RECOVERY_SECONDS
        while client.get("/health/ready").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        app.extensions["tilfreds_engines"].dispose()


def test_requests_are_counted_by_route_and_status(client: FlaskClient, api: Api) -> None:
    api.get("/conversations/secret-name")
    api.get("/site")
    api.get("/site")
    client.open("/health/live", method="BREW")

    text = client.get("/metrics").text

    rule = "/api/v1/conversations/<external:external_id>"
    assert value_of(text, "tilfreds_requests_total", route=rule, method="GET", status="404") == 1
    assert value_of(text, "tilfreds_requests_total", route="/api/v1/site", method="GET", status="200") == 2
    assert value_of(text, "tilfreds_request_seconds_count", route="/api/v1/site") == 2
    assert "secret-name" not in text and "BREW" not in text


@ON_BOTH
def test_votes_and_open_invitations_are_counted(client: FlaskClient, make: Make, site: MadeSite) -> None:
    page = Page(client, site.key, str(make.survey(site).revision))
    tokens = [Page(client, site.key, page.revision).end(name).get_json()["token"] for name in ("c1", "c2", "c3")]
    page.vote(tokens[0], 3)

    text = client.get("/metrics").text

    assert value_of(text, "tilfreds_votes", channel="chat", status="counted") == 1
    assert value_of(text, "tilfreds_waiting") == 2
    assert value_of(text, "tilfreds_database_up") == 1


REJECTED: list[dict[str, Any]] = [
    {"environ_base": ELSEWHERE},
    {"headers": {"X-Forwarded-For": "127.0.0.1"}},
    {"headers": {"X-Real-IP": "127.0.0.1"}},
    {"headers": {"Forwarded": "for=127.0.0.1"}},
    {"environ_base": ELSEWHERE, "headers": {"X-Forwarded-For": "127.0.0.1"}},
    *({"headers": {name: "x"}} for name in ("Via", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Server")),
    *({"headers": {name: "x"}} for name in ("CF-Connecting-IP", "True-Client-IP", "X-Client-IP", "X-Forwarded")),
    {"headers": {"Host": "ratings.example.org"}},
]


def test_metrics_are_for_this_machine_only(config: Config, subtests: pytest.Subtests) -> None:
    client = create_app(dataclasses.replace(config, public_url="https://ratings.example.org")).test_client()
    assert client.get("/metrics").status_code == 200
    for options in REJECTED:
        with subtests.test(options=options):
            answer = client.get("/metrics", **options)

            assert answer.status_code == 404 and "tilfreds_" not in answer.text


def test_a_trusted_proxy_does_not_open_metrics(config: Config) -> None:
    client = create_app(dataclasses.replace(config, trusted_proxies=1)).test_client()

    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404


def test_metrics_can_be_turned_off(config: Config) -> None:
    app: Flask = create_app(dataclasses.replace(config, metrics=False))

    assert app.test_client().get("/metrics").status_code == 404


def test_a_lost_secret_is_not_ready_and_answers_pages_with_a_code(
    app: Flask, config: Config, make: Make, site: MadeSite, subtests: pytest.Subtests
) -> None:
    """As after a restore without the secret file. New secrets, and the retirement of the old ones, repair it."""
    survey = make.survey(site)
    other_key = b"8f3Kq7Zt2LxW8vRm4YbN6cHd1PjS5gUb"
    client = create_app(dataclasses.replace(config, secret_keys=(other_key,))).test_client()
    page = Page(client, site.key, str(survey.revision))
    for name, answer in (
        ("ready", client.get("/health/ready")),
        ("an end", page.end()),
        ("a vote", page.vote("k1.AAAA", 3)),
    ):
        with subtests.test(name):
            assert (answer.status_code, answer.get_json()["code"]) == (503, "secret_missing")
            assert int(answer.headers["Retry-After"]) > 0
    assert client.get(f"/w/{site.key}.js").status_code == 200

    operator = Make(client, (other_key,)).operator()
    assert operator.post(f"/sites/{site.key}/signing-secrets").status_code == 201
    assert operator.patch(f"/sites/{site.key}/signing-secrets/k1", {"retired": True}).status_code == 204
    assert client.get("/health/ready").status_code == 200
    assert page.end().status_code in (200, 204)
