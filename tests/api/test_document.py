"""Tests of the OpenAPI document and its page, which loads no external files."""

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
    """Return every operation of the API with its path in the document's form, without the document's two routes."""
    return {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(rule)), method.lower())
        for rule in app.url_map.iter_rules()
        if str(rule).startswith("/api/v1") and not rule.endpoint.startswith("documents.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_the_document_has_exactly_the_operations_of_the_api(app: Flask, document: Any) -> None:
    described = {
        (path, method) for path, item in document["paths"].items() for method in item if method != "parameters"
    }

    assert described == rules_of(app)
    assert document["openapi"].startswith("3.1")


def test_every_operation_has_a_summary_an_access_policy_and_an_id(document: Any) -> None:
    operations = [
        operation for item in document["paths"].values() for name, operation in item.items() if name != "parameters"
    ]

    assert all(operation["summary"] and operation["security"] for operation in operations)
    assert {operation["x-access"] for operation in operations} == {"read", "write"}
    assert len({operation["operationId"] for operation in operations}) == len(operations)


def test_every_reference_has_a_target(document: Any) -> None:
    for target in set(re.findall(r"'\$ref': '([^']+)'", str(document))):
        node = document
        for step in target.removeprefix("#/").split("/"):
            node = node[step]


def test_the_documented_error_matches_a_real_one(document: Any, api: Api) -> None:
    described = document["components"]["responses"]["DEFAULT_ERROR"]["content"]
    properties = document["components"]["schemas"]["Problem"]["properties"]

    problem = api.patch("/site", {"name": 1})

    assert list(described) == [problem.mimetype]
    assert set(problem.get_json()) == set(properties)


def test_the_document_contains_the_configured_address_for_any_request(client: FlaskClient) -> None:
    answer = client.get("/api/v1/openapi.json", headers={"X-Forwarded-Host": "evil.example"})

    assert answer.get_json()["servers"] == [{"url": "http://localhost"}]


def test_the_page_shows_every_operation_and_loads_no_other_file(document: Any, client: FlaskClient) -> None:
    answer = client.get("/api/v1/docs")

    assert answer.mimetype == "text/html"
    for path, item in document["paths"].items():
        assert path in answer.text
        titles = [operation["summary"] for name, operation in item.items() if name != "parameters"]
        assert titles and all(title in html.unescape(answer.text) for title in titles)
    assert not re.search(r"<script|<link|<img|@import|url\(|\bsrc=|style=", answer.text)
    assert "http://localhost/api/v1" in answer.text


def test_the_pages_policy_allows_only_its_style(client: FlaskClient) -> None:
    answer = client.get("/api/v1/docs")

    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy.pop("style-src") == f"'sha256-{digest}'"
    assert policy == dict.fromkeys(("default-src", "base-uri", "form-action", "frame-ancestors"), "'none'")


def test_every_link_within_the_page_has_a_target(client: FlaskClient) -> None:
    page = client.get("/api/v1/docs").text

    assert set(re.findall(r'href="#([^"]+)"', page)) == set(re.findall(r' id="([^"]+)"', page))


def test_the_document_contains_nothing_of_a_site(client: FlaskClient, site: MadeSite) -> None:
    responses = client.get("/api/v1/openapi.json").text + client.get("/api/v1/docs").text

    assert site.key not in responses and str(site.id) not in responses
