"""The log says which API key, session or agent made a request, a refused one and a revocation included."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.back_end import Api
from tests.console.conftest import Console
from tests.factories import MadeSite, Make
from widget_server.accounts.models import LoginSession
from widget_server.storage.db import db


def test_each_line_names_its_caller_by_id(
    app: Flask, api: Api, make: Make, site: MadeSite, caplog: pytest.LogCaptureFixture, subtests: pytest.Subtests
) -> None:
    operator, console = make.operator(), Console(app)
    reader = operator.post(f"/sites/{site.key}/api-keys", {"name": "secret name", "scopes": ["read"]}).get_json()
    agent = api.put("/agents/a1", {"name": "Sam"}).get_json()["id"]
    token = api.post("/agent-tokens", {"agent": "a1"}).get_json()["token"]
    with caplog.at_level(logging.INFO, logger="tilfreds.request"):
        console.sign_in()
    signed_in = caplog.records[-1].getMessage()
    with app.app_context():
        session_id = db.session.query(LoginSession).one().id
    assert signed_in.endswith(f"session={session_id}"), "a sign-in names the session that it opened"
    reading = Api(api.client, reader["api_key"])
    stranger = Api(api.client, "tfk_unknown")
    with caplog.at_level(logging.INFO, logger="tilfreds.request"):
        for name, call, who in (
            ("a read", lambda: reading.get("/site"), f"key={reader['id']}"),
            ("a refusal", lambda: reading.put("/agents/a1", {}), f"key={reader['id']}"),
            ("an unknown key", lambda: stranger.get("/site"), "-"),
            ("an operator", lambda: operator.get("/sites"), "operator"),
            ("a page", lambda: console.get(f"{site.key}/conversations"), f"session={session_id}"),
            (
                "an agent",
                lambda: Api(api.client, token).client.get(
                    "/agent/ratings?conversation=c", headers={"Authorization": f"Bearer {token}"}
                ),
                f"agent={agent}",
            ),
            ("a revocation", lambda: operator.delete(f"/sites/{site.key}/api-keys/{reader['id']}"), "operator"),
            ("a visitor", lambda: api.client.get(f"/w/{site.key}.js"), "-"),
        ):
            send: Callable[[], Any] = call
            with subtests.test(name):
                caplog.clear()
                send()
                [line] = [record.getMessage() for record in caplog.records if record.name == "tilfreds.request"]
                assert line.partition(" target=")[0].split()[-1] == who
                assert "secret name" not in line and "tfk_" not in line


def test_a_revocation_names_what_it_ended(
    app: Flask, api: Api, make: Make, site: MadeSite, caplog: pytest.LogCaptureFixture, subtests: pytest.Subtests
) -> None:
    """Its target is an internal id, because the owner's ids may be names or addresses."""
    operator = make.operator()
    key = operator.post(f"/sites/{site.key}/api-keys", {"name": "other", "scopes": ["read"]}).get_json()["id"]
    operator.post(f"/sites/{site.key}/signing-secrets")
    agent = api.put("/agents/sam@shop.example", {"name": "Sam"}).get_json()["id"]
    user = operator.post("/users", {"email": "ann@shop.example", "role": "admin"}).get_json()["id"]
    for call, target in (
        (lambda: operator.delete(f"/sites/{site.key}/api-keys/{key}"), f"key:{key}"),
        (lambda: operator.patch(f"/sites/{site.key}/signing-secrets/k1", {"retired": True}), "secret:k1"),
        (lambda: api.post("/agents/sam@shop.example/revoke"), f"agent:{agent}"),
        (lambda: operator.patch(f"/users/{user}", {"disabled": True}), f"user:{user}"),
        (lambda: operator.post(f"/sites/{site.key}/revoke"), f"site:{site.key}"),
    ):
        send: Callable[[], Any] = call
        with subtests.test(target), caplog.at_level(logging.INFO, logger="tilfreds.request"):
            caplog.clear()
            assert send().status_code < 300
            [line] = [record.getMessage() for record in caplog.records if record.name == "tilfreds.request"]
            assert line.split()[-1] == f"target={target}"
            assert "shop.example" not in line
