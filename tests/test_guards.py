"""Every route declares who may call it and whether it writes, and is tested for its declaration.

The routes come from the URL map, so a new one fails here until tests/sample_site.py has its values.
"""

from __future__ import annotations

import dataclasses
import re
from itertools import product
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from tests.back_end import Api, done
from tests.databases import ON_BOTH
from tests.factories import ORIGIN, MadeSite, Make
from tests.sample_site import BODIES, MISSING, SampleSite, address, build, calls
from widget_server import EDGES, Role, create_app
from widget_server.accounts.scopes import SCOPES
from widget_server.auth.access import CHECKS
from widget_server.core.config import Config
from widget_server.storage.db import db, engines

FOREIGN_TYPES = (
    "text/plain",
    "text/plain; charset=utf-8",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/xml",
    "application/octet-stream",
    "application/jsonp",
    "",
)
MANY = 1_000_000
#: The first words of the statements of a reading route.
READING_STATEMENTS = ("SELECT", "WITH", "BEGIN")
#: A POST that only reads; its values must not be in a URL.
READING_POSTS = {"poll_chat", "describe_data"}


@pytest.fixture
def config(config: Config) -> Config:
    """Raise the limits of a page, which these tests exceed."""
    return dataclasses.replace(config, votes_per_source_per_minute=MANY, ended_per_source_per_minute=MANY)


@pytest.fixture
def world(app: Flask, client: FlaskClient, api: Api, make: Make, site: MadeSite) -> SampleSite:
    return build(app, client, api, make, site)


@pytest.mark.parametrize("role", EDGES)
def test_every_route_declares_its_access_policy(config: Config, role: Role) -> None:
    app = create_app(config, role=role)

    views = {rule.endpoint: app.view_functions[rule.endpoint] for rule in app.url_map.iter_rules()}
    policies = {endpoint: vars(view).get("access_policy") for endpoint, view in views.items()}

    assert policies and not [endpoint for endpoint, policy in policies.items() if policy is None]
    for who, access in filter(None, policies.values()):
        assert who in CHECKS and access in ("read", "write")


def test_a_get_reads_and_everything_else_writes(app: Flask) -> None:
    for rule, method, _, access in calls(app):
        expected = "read" if method == "GET" or rule.endpoint in READING_POSTS else "write"
        assert access == expected, (str(rule), method)


@pytest.mark.slow
@ON_BOTH
def test_a_route_that_declares_reading_sends_no_writing_statement(app: Flask, world: SampleSite) -> None:
    statements: list[str] = []
    with app.app_context():
        engine_pair = {engines().read, engines().write}
    for engine in engine_pair:
        event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))

    for rule, method, who, access in calls(app):
        if access != "read":
            continue
        body = world.body(rule.endpoint) if method == "POST" else None
        answer = world.call(rule, method, world.own, who, json=body, headers={"Origin": ORIGIN})
        assert answer.status_code < 500, (str(rule), answer.get_data(as_text=True))

    assert statements and not [text for text in statements if not text.lstrip().upper().startswith(READING_STATEMENTS)]


#: Values of a variable in an address, percent-encoded.
ODD_VALUES = ("%00", "a%00b", "%FF", "%ED%A0%80", "%F0%9F%98%80", "%27%22%3B--", "%2E%2E%2Fa", "0" * 40, "x" * 2_000)


@pytest.mark.slow
@ON_BOTH
def test_an_odd_value_in_an_address_is_never_a_fault(app: Flask, world: SampleSite, subtests: pytest.Subtests) -> None:
    for rule, method, who, _ in calls(app):
        body = world.body(rule.endpoint) if method not in ("GET", "DELETE") else None
        for name in rule.arguments:
            for value in ODD_VALUES:
                values = {**world.own, f"{rule.endpoint}.{name}": value}
                answer = world.call(rule, method, values, who, json=body, headers={"Origin": ORIGIN})
                expected = {404} if "%00" in value else set(range(200, 500))
                if answer.status_code not in expected:
                    with subtests.test(rule=str(rule), method=method, name=name, value=value[:10]):
                        raise AssertionError(answer.status_code)


#: Values of a parameter behind the question mark, percent-encoded: NUL, half a character, more than an integer holds.
ODD_QUERY_VALUES = ("%00", "%ED%A0%80", "9" * 19)
MORE_ODD_QUERY_VALUES = ("a%00b", "%FF", "%27%22%3B--", "-1", "x" * 2_000, "%F0%9F%98%80&%00=1")
LIST_FILTERS = ("status", "sentiment", "reason", "history", "agent", "team", "channel", "tag", "q", "limit", "cursor")
#: The parameters of pages. Those of the API are in its document.
PAGE_PARAMETERS = {
    "console.conversations": (*LIST_FILTERS, "fragment", "open"),
    "console.conversation": (*LIST_FILTERS, "fragment", "messages"),
    "console.articles": ("by", "excluded", "q", "sort", "from", "fragment"),
    "console.surges": ("from",),
    "console.agents": ("by", "excluded", "q", "sort", "from", "fragment"),
    "console.agent": ("by", "excluded", "fragment"),
    "console.all_sites": ("q", "from"),
    "console.my_ratings": ("by", "cursor"),
    "console.sign_in_page": ("next",),
    "agent.ratings": ("conversation",),
    "agent.scores": ("by",),
    "survey.show": ("at", "refused"),
    "visitor_data.show": ("refused",),
}


@pytest.mark.slow
@ON_BOTH
@pytest.mark.parametrize(
    "values", [ODD_QUERY_VALUES, pytest.param(MORE_ODD_QUERY_VALUES, marks=pytest.mark.long)], ids=["few", "more"]
)
def test_an_odd_value_in_a_query_is_never_a_fault(
    app: Flask, world: SampleSite, values: tuple[str, ...], subtests: pytest.Subtests
) -> None:
    document = world.client.get("/api/v1/openapi.json").get_json()
    gets = {rule.endpoint: (rule, who) for rule, method, who, _ in calls(app) if method == "GET"}
    assert set(PAGE_PARAMETERS) <= set(gets)
    for endpoint, (rule, who) in gets.items():
        operation = document["paths"].get(re.sub(r"<(\w+:)?(\w+)>", r"{\2}", str(rule)), {}).get("get", {})
        of_api = [part["name"] for part in operation.get("parameters", []) if part["in"] == "query"]
        for name, value in product([*of_api, *PAGE_PARAMETERS.get(endpoint, ())], values):
            path = f"{address(rule, world.own)}?{name}={value}"
            answer = world.call(rule, "GET", world.own, who, path=path)
            if answer.status_code >= 500 or ("%00" in value and answer.status_code < 300):
                with subtests.test(path=path[:100]):
                    raise AssertionError(answer.get_data(as_text=True)[:200])


@pytest.mark.slow
def test_a_write_refuses_every_other_content_type(app: Flask, world: SampleSite, subtests: pytest.Subtests) -> None:
    writes = [(rule, method, who) for rule, method, who, access in calls(app) if access == "write" and who != "page"]
    assert len(writes) > 20
    for content_type in FOREIGN_TYPES:
        with subtests.test(content_type=content_type):
            for rule, method, who in writes:
                caller = who if who != "anyone" else None
                answer = world.call(rule, method, world.own, caller, data=b'{"name": "x"}', content_type=content_type)
                # HTML pages send forms with a CSRF token, and a form without it gets a 403. A form without a password
                # gets a 401, and after ten of them a 429. A form without an e-mail address gets a 422.
                refused = {401, 403, 415, 422, 429} if str(rule).startswith(("/console/", "/survey/")) else {415}
                assert answer.status_code in refused, (str(rule), method, answer.status_code)


def test_a_compressed_body_is_refused(app: Flask, world: SampleSite) -> None:
    for rule, method, who, access in calls(app):
        if who in ("api_key", "operator") and access == "write":
            answer = world.call(rule, method, world.own, who, json={}, headers={"Content-Encoding": "gzip"})
            assert answer.status_code == 415, (str(rule), method)


def test_pages_may_send_any_content_type(app: Flask, world: SampleSite) -> None:
    """A page sends text/plain, as that needs no preflight."""
    for rule, method, who, _ in calls(app):
        if who == "page":
            text: dict[str, Any] = {"data": b"{}", "content_type": "text/plain", "headers": {"Origin": ORIGIN}}
            answer = world.client.open(address(rule, world.own), method=method, **text)
            # A picture is not read before its sender is authorized.
            expected = 403 if str(rule).endswith("/screenshot") else 422
            assert answer.status_code == expected, (str(rule), answer.status_code)


#: The access policies that require a bearer token, each another kind.
BEARERS = ("api_key", "operator", "agent")


def test_the_api_accepts_only_its_own_callers(app: Flask, world: SampleSite) -> None:
    """Refuse no token, the console's cookie, and other kinds of tokens (C1, C2)."""
    for rule, method, who, _ in calls(app):
        if who not in BEARERS:
            continue
        body = world.body(rule.endpoint) if method != "GET" else None
        for caller in (None, "console", *(other for other in BEARERS if other != who)):
            answer = world.call(rule, method, world.own, caller, json=body)
            assert answer.status_code == 401, (str(rule), method, caller)
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Tilfreds"'


@pytest.mark.slow
def test_a_key_opens_the_routes_of_its_scopes_and_no_others(
    app: Flask, world: SampleSite, site: MadeSite, make: Make
) -> None:
    """Call each route of back ends with a key of each single scope (C1)."""
    operator, keys = make.operator(), {}
    for scope in SCOPES:
        keys[scope] = done(operator.post(f"/sites/{site.key}/api-keys", {"name": scope, "scopes": [scope]}))["api_key"]
    used_scopes = set()
    for rule, method, who, _ in calls(app):
        if who == "api_key":
            needed_scope = vars(app.view_functions[rule.endpoint])["scope"]
            used_scopes.add(needed_scope)
            for scope, key in keys.items():
                if scope == needed_scope:
                    continue
                world.bearers["one scope"] = key
                answer = world.call(rule, method, world.own, "one scope", json=None)
                assert (answer.status_code, answer.get_json()["code"]) == (403, "scope"), (str(rule), method, scope)
    assert used_scopes == set(SCOPES)
    for scope, path in (("audit", "/audit"), ("read", "/votes")):
        assert Api(world.client, keys[scope]).get(path).status_code == 200


#: Variables of paths for resources of no site: a language.
PUBLIC = {"code"}


def test_another_sites_resource_looks_like_a_missing_one(app: Flask, world: SampleSite) -> None:
    """Compare status, body and headers (B15, C1). A PUT creates a resource of the other site, so it is left out."""
    compared = 0
    for rule, method, who, _ in calls(app):
        if who != "api_key" or not rule.arguments - PUBLIC or method == "PUT":
            continue
        body = world.body(rule.endpoint) if method != "GET" else None
        foreign = world.call(rule, method, world.own, "stranger", json=body)
        missing = world.call(rule, method, world.own | MISSING, "stranger", json=body)
        assert foreign.status_code == missing.status_code == 404, (str(rule), method, foreign.status_code)
        assert foreign.data == missing.data
        assert stable_headers(foreign.headers) == stable_headers(missing.headers)
        compared += 1
    assert compared >= 8


def stable_headers(headers: Any) -> list[tuple[str, str]]:
    """Return the headers without those that differ between any two responses."""
    return sorted((name, value) for name, value in headers.items() if name not in ("X-Request-Id", "Date"))


def test_the_api_has_no_cors_headers_and_no_cookies(app: Flask, world: SampleSite) -> None:
    """Check that no origin can read a response of the API with a user's cookie (B16)."""
    for rule, method, who, access in calls(app):
        if who in ("api_key", "operator") and access == "read":
            for origin in (ORIGIN, "null", "http://localhost", "https://evil.example"):
                answer = world.call(rule, method, world.own, who, headers={"Origin": origin})
                cors_headers = [name for name in dict(answer.headers) if name.startswith("Access-Control-")]
                assert not cors_headers and "Set-Cookie" not in answer.headers
                assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.slow
def test_no_column_is_writable_unless_its_resource_declares_it(app: Flask, world: SampleSite) -> None:
    """Send every column of every table in every body (B20)."""
    columns = sorted({column.name for table in db.Model.metadata.tables.values() for column in table.columns})
    document = world.client.get("/api/v1/openapi.json").get_json()
    schemas = document["components"]["schemas"]
    schema_fields = {name: set(schema.get("properties", {})) for name, schema in schemas.items()}
    inputs = set().union(*(fields for name, fields in schema_fields.items() if not name.endswith("Out")))
    pages = {"token", "kind", "subject", "visitor", "signature", "expires", "page", "lang", "conversation", "browser"}
    pages |= {"revisions", "id", "rev", "age_ms", "revision", "score", "reasons", "answers", "outcomes", "comment"}
    attempts = 0
    for rule, method, who, _ in calls(app):
        if rule.endpoint not in BODIES:
            continue
        for column in columns:
            if column in (pages if who == "page" else inputs):
                continue
            body = {**world.body(rule.endpoint), column: None}
            answer = world.call(rule, method, world.own, who, json=body, headers={"Origin": ORIGIN})
            assert answer.get_json().get("pointer") == f"/{column}", (str(rule), column, answer.text)
            attempts += 1
    assert attempts > 500


def test_the_table_of_bodies_has_every_call_with_a_body(app: Flask, world: SampleSite) -> None:
    document = world.client.get("/api/v1/openapi.json").get_json()
    with_body = {
        operation["operationId"]
        for item in document["paths"].values()
        for name, operation in item.items()
        if name != "parameters" and "requestBody" in operation
    }

    assert with_body == {name.replace(".", "_") for name in BODIES if "." in name}
    page_posts = {rule.endpoint for rule, method, who, _ in calls(app) if who == "page" and method == "POST"}
    assert page_posts == {name for name in BODIES if "." not in name}
