"""Every error is an RFC 9457 problem document with a stable code."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.back_end import Api
from tests.factories import ORIGIN, MadeSite, Make
from tests.widget.conftest import Page, press_id
from widget_server import create_app
from widget_server.api.conversations import views as conversations
from widget_server.core.config import Config

_numbers = count(1)
MEMBERS = {"type", "title", "status", "code", "detail"}
LIMIT = 3
BIG = 200_000
UNREACHABLE_URLS = ("sqlite:////nowhere/tilfreds.sqlite3", "postgresql+psycopg://nobody@127.0.0.1:1/none")


@pytest.fixture
def page(client: FlaskClient, make: Make, site: MadeSite) -> Page:
    return Page(client, site.key, str(make.survey(site, "article").revision))


@pytest.fixture
def config(config: Config) -> Config:
    return dataclasses.replace(config, votes_per_source_per_minute=LIMIT, max_api_body_bytes=BIG)


def check(answer: Any, status: int, code: str) -> Any:
    """Assert the form of a problem document and return it."""
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.get_data(as_text=True)
    problem = answer.get_json()
    assert set(problem) - {"pointer"} == MEMBERS
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["title"] and problem["detail"] and "Traceback" not in problem["detail"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Request-Id"]
    if answer.request.path.startswith("/w/"):
        assert answer.headers["Access-Control-Allow-Origin"] == answer.request.headers.get("Origin", "*")
        assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
    else:
        assert "Access-Control-Allow-Origin" not in answer.headers
    return problem


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/nowhere", "/w/-/nowhere.js", "/api/v1/votes/1"])
def test_an_unknown_path(client: FlaskClient, path: str) -> None:
    check(client.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/v1/site", "PATCH"),
        ("GET", "/w/x/votes", "POST"),
        ("PUT", "/health/live", "GET"),
        ("BREW", "/metrics", "GET"),
    ],
)
def test_an_unsupported_method(client: FlaskClient, method: str, path: str, allowed: str) -> None:
    answer = client.open(path, method=method)

    check(answer, 405, "method")
    assert allowed in answer.headers["Allow"].split(", ")


def test_an_unauthenticated_caller(client: FlaskClient, subtests: pytest.Subtests) -> None:
    for header in (None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic dGZrOg==", "Bearer é", "Bearer a b"):
        with subtests.test(header=header):
            headers = {} if header is None else {"Authorization": header}

            check(client.get("/api/v1/site", headers=headers), 401, "unauthorized")
            check(client.post("/api/v1/sites", json={}, headers=headers), 401, "unauthorized")


def test_a_body_that_is_not_json(api: Api, page: Page, subtests: pytest.Subtests) -> None:
    for data in (b"{", b"", b"nonsense", b"\xff", b"\xef\xbb\xbf{}", b'{"name": NaN}', b"[" * 100_000, b"{} {}"):
        with subtests.test(data=data[:20]):
            if data:
                answer = api.patch("/site", data=data, content_type="application/json")
                check(answer, 400, "invalid")
            if len(data) < 10_000:
                check(send_vote(page, data), 400, "invalid")


def test_a_json_body_that_is_not_an_object(api: Api, page: Page, subtests: pytest.Subtests) -> None:
    for data in (b"[]", b"null", b'"name"', b"3", b"true"):
        with subtests.test(data=data):
            problem = check(api.patch("/site", data=data, content_type="application/json"), 422, "invalid")

            assert problem["pointer"] == ""
            check(send_vote(page, data), 422, "invalid")


def send_vote(page: Page, data: bytes) -> Any:
    """Post a body to the votes of a page from an address that no other call has, so that no limit is reached."""
    source = {"REMOTE_ADDR": f"203.0.113.{next(_numbers)}"}
    return page.client.post(f"/w/{page.key}/votes", data=data, headers={"Origin": ORIGIN}, environ_base=source)


def test_a_body_of_another_type(api: Api) -> None:
    check(api.patch("/site", data=b"{}", content_type="text/plain"), 415, "content_type")


def test_an_invalid_field(api: Api, page: Page) -> None:
    assert check(api.patch("/site", {"name": 1}), 422, "invalid")["pointer"] == "/name"
    answer = page.vote({"kind": "article", "subject": "/a"}, id="short")
    assert check(answer, 422, "invalid")["pointer"] == "/id"


def test_a_body_that_is_too_large(api: Api, page: Page) -> None:
    check(api.patch("/site", {"name": "x" * BIG}), 413, "too_large")
    check(page.vote({"kind": "article", "subject": "/a"}, comment="x" * BIG), 413, "too_large")


def test_a_chunked_body_that_is_too_large(api: Api) -> None:
    stream = EndlessBody()
    chunked = {"wsgi.input": stream, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}

    check(api.patch("/site", content_type="application/json", environ_overrides=chunked), 413, "too_large")

    assert stream.bytes_sent <= 2 * BIG


class EndlessBody(io.RawIOBase):
    """A body of a hundred megabytes without a declared length."""

    bytes_sent = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), 4_096) if self.bytes_sent < 100_000_000 else 0
        buffer[:size] = b"x" * size
        self.bytes_sent += size
        return size


def test_too_many_calls(page: Page) -> None:
    answers = [page.vote({"kind": "article", "subject": f"/{number}"}) for number in range(LIMIT + 1)]

    assert [answer.status_code for answer in answers[:LIMIT]] == [200] * LIMIT
    check(answers[LIMIT], 429, "too_many")
    assert 0 < int(answers[LIMIT].headers["Retry-After"]) <= 60


def test_a_key_without_the_scope(api: Api, make: Make, site: MadeSite) -> None:
    fields = make.operator().post(f"/sites/{site.key}/api-keys", {"name": "r", "scopes": ["read"]}).get_json()

    check(Api(api.client, fields["api_key"]).patch("/site", {}), 403, "scope")


def test_a_page_of_a_foreign_origin(page: Page) -> None:
    page.origin = "https://evil.example"

    check(page.vote({"kind": "article", "subject": "/a"}), 403, "origin")


def test_an_unknown_site_key(page: Page) -> None:
    page.key = "none"

    check(page.vote({"kind": "article", "subject": "/a"}), 404, "unknown_site")
    check(page.end(), 404, "unknown_site")


def test_a_conflict_with_the_present_state(api: Api) -> None:
    api.put("/conversations/c1", {})

    check(api.post("/conversations/c1/ask", {}), 409, "no_survey")


def test_an_unexpected_exception(api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def fail(*arguments: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(conversations, "remember_visitor", fail)

    problem = check(api.put("/conversations/c1", {"visitor": "ann"}), 500, "fault")

    assert "secret detail" not in str(problem)
    assert "secret detail" in caplog.text
    assert api.get("/conversations/c1").status_code == 404


@pytest.mark.parametrize("url", UNREACHABLE_URLS)
def test_an_unreachable_database(config: Config, url: str) -> None:
    client = create_app(dataclasses.replace(config, database_url=url)).test_client()
    vote = {"kind": "article", "subject": "/a", "id": press_id(), "rev": 1, "score": 1, "revision": str(UUID(int=1))}
    calls: list[Callable[[], Any]] = [
        lambda: client.get("/health/ready"),
        lambda: client.get("/api/v1/site", headers={"Authorization": "Bearer tfk_x"}),
        lambda: client.put("/api/v1/conversations/c1", json={}, headers={"Authorization": "Bearer tfk_x"}),
        lambda: client.post("/w/key/votes", json=vote),
        lambda: client.post("/w/key/ended", json={"browser": press_id(), "revisions": []}),
        lambda: client.get("/w/key.js"),
    ]
    for call in calls:
        answer = call()
        check(answer, 503, "unavailable")
        assert int(answer.headers["Retry-After"]) > 0


def test_an_untrusted_host(client: FlaskClient) -> None:
    check(client.get("/api/v1/openapi.json", headers={"Host": "evil.example"}), 400, "invalid")


def test_titles_differ_by_status(app: Flask, client: FlaskClient, api: Api) -> None:
    titles = {
        client.get("/nowhere").get_json()["title"],
        client.delete("/health/live").get_json()["title"],
        client.get("/api/v1/site").get_json()["title"],
        api.patch("/site", {"name": 1}).get_json()["title"],
    }

    assert len(titles) == 4
