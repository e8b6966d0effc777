"""Every response of the console has the headers that isolate it, errors and fragments included (C12)."""

from __future__ import annotations

import dataclasses

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.back_end import Api
from tests.factories import MadeSite, Make
from tests.sample_site import address, build, calls

from .conftest import Console

REQUIRED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
DIRECTIVES = ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'")
#: The preview of a theme is shown in a frame of the console, and has neither an origin nor forms.
PREVIEW = (
    "default-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
    "form-action 'none'",
    "sandbox allow-scripts",
)


def missing_headers(response: object) -> list[str]:
    headers = response.headers  # type: ignore[attr-defined]
    wrong = [name for name, value in REQUIRED.items() if headers.get(name) != value]
    policy = headers.get("Content-Security-Policy", "")
    wrong += [part for part in (PREVIEW if "sandbox" in policy else DIRECTIVES) if part not in policy]
    wrong += [] if "camera=()" in headers.get("Permissions-Policy", "") else ["Permissions-Policy"]
    return wrong


@pytest.mark.slow
def test_every_response_of_the_console_is_isolated(
    app: Flask, client: FlaskClient, api: Api, make: Make, site: MadeSite, subtests: pytest.Subtests
) -> None:
    world = build(app, client, api, make, site)
    rules = [(rule, method) for rule, method, _, _ in calls(app) if str(rule).startswith("/console/")]
    assert len(rules) > 80
    for rule, method in rules:
        for caller in ("console", None):
            with subtests.test(rule=str(rule), method=method, caller=caller):
                response = world.call(rule, method, world.own, caller)
                # A redirect of the router, to the same path with a slash, has no body.
                assert response.status_code == 308 or missing_headers(response) == []
    other_paths = ("/console/nowhere/at/all", f"/console/{site.key}/", "/console/users/")
    for path in other_paths:
        with subtests.test(path=path):
            response = client.get(path)
            assert response.status_code < 400 or missing_headers(response) == []
    sign_in = next(rule for rule, method in rules if rule.endpoint == "console.users")
    with subtests.test(method="a method that the page does not have"):
        response = client.open(address(sign_in, world.own), method="DELETE")
        assert response.status_code >= 400
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_browsers_stay_on_tls_if_the_address_has_it(app: Flask, stranger: Console) -> None:
    assert "Strict-Transport-Security" not in stranger.get("sign-in").headers
    app.config["TILFREDS"] = dataclasses.replace(app.config["TILFREDS"], public_url="https://ratings.example")
    app.config["PUBLIC_URL"] = "https://ratings.example"
    assert stranger.get("sign-in").headers["Strict-Transport-Security"] == "max-age=31536000"
