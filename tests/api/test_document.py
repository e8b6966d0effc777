"""The API's document says what the API does, and its page loads nothing from anywhere."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.back_end import Api
from tests.factories import MadeSite


@pytest.fixture
def document(client: FlaskClient) -> Any:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return answer.get_json()


def rules_of(app: Flask) -> set[tuple[str, str]]:
    """Every call of the API, as the document writes its path; the document's own two are not among them."""
    return {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(rule)), method.lower())
        for rule in app.url_map.iter_rules()
        if str(rule).startswith("/api/v1") and not rule.endpoint.startswith("documents.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_call_is_described_and_nothing_else(app: Flask, document: Any) -> None:
    described = {
        (path, method) for path, item in document["paths"].items() for method in item if method != "parameters"
    }

    assert described == rules_of(app)
    assert document["openapi"].startswith("3.1")


def test_every_call_names_its_door_its_purpose_and_itself(document: Any) -> None:
    operations = [
        operation for item in document["paths"].values() for name, operation in item.items() if name != "parameters"
    ]

    assert all(operation["summary"] and operation["security"] for operation in operations)
    assert {operation["x-access"] for operation in operations} == {"read", "write"}
    assert len({operation["operationId"] for operation in operations}) == len(operations)


def test_every_reference_leads_somewhere(document: Any) -> None:
    for target in set(re.findall(r"'\$ref': '([^']+)'", str(document))):
        found = document
        for step in target.removeprefix("#/").split("/"):
            found = found[step]


def test_an_error_is_described_as_it_is_sent(document: Any, api: Api) -> None:
    described = document["components"]["responses"]["DEFAULT_ERROR"]["content"]
    properties = document["components"]["schemas"]["Problem"]["properties"]

    problem = api.patch("/site", {"name": 1})

    assert list(described) == [problem.mimetype]
    assert set(problem.get_json()) == set(properties)


def test_the_document_names_our_own_address_whatever_the_request_says(client: FlaskClient) -> None:
    answer = client.get("/api/v1/openapi.json", headers={"X-Forwarded-Host": "evil.example"})

    assert answer.get_json()["servers"] == [{"url": "http://localhost"}]


def test_the_page_shows_every_call_and_needs_nothing_but_itself(document: Any, client: FlaskClient) -> None:
    answer = client.get("/api/v1/docs")

    assert answer.mimetype == "text/html"
    for path, item in document["paths"].items():
        assert path in answer.text
        titles = [operation["summary"] for name, operation in item.items() if name != "parameters"]
        assert titles and all(title in html.unescape(answer.text) for title in titles)
    assert not re.search(r"<script|<link|<img|@import|url\(|\bsrc=|style=", answer.text)
    assert "http://localhost/api/v1" in answer.text


def test_the_pages_policy_lets_its_own_style_through_and_nothing_more(client: FlaskClient) -> None:
    answer = client.get("/api/v1/docs")

    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy.pop("style-src") == f"'sha256-{digest}'"
    assert policy == dict.fromkeys(("default-src", "base-uri", "form-action", "frame-ancestors"), "'none'")


def test_every_link_within_the_page_leads_somewhere(client: FlaskClient) -> None:
    page = client.get("/api/v1/docs").text

    assert set(re.findall(r'href="#([^"]+)"', page)) == set(re.findall(r' id="([^"]+)"', page))


def test_the_document_tells_nothing_of_a_site(client: FlaskClient, site: MadeSite) -> None:
    told = client.get("/api/v1/openapi.json").text + client.get("/api/v1/docs").text

    assert site.key not in told and str(site.id) not in told
