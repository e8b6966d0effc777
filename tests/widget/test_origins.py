"""Which pages may use a site's key, and that a cookie changes nothing."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest
from flask import Flask

from widget_server.accounts.sign_in import make_link_token, redeem_link
from widget_server.auth.signed_in import session_cookie
from widget_server.core import clock
from widget_server.storage.db import db

from ..conversations.rows import count, rows
from ..factories import REASONED, MadeSite, Make
from .conftest import Page
from .test_existence import comparable
from .test_odd_values import ROUTES, valid_body
from .unlimited import config

__all__ = ["config"]
ALLOWED = [
    "https://shop.example",
    "https://xn--bcher-kva.example",
    "http://localhost:*",
    "http://127.0.0.1:*",
    "http://[::1]:*",
    "http://intranet:8080",
    "https://any.example:*",
]
GOOD = [
    "https://shop.example",
    "https://xn--bcher-kva.example",
    "http://localhost",
    "http://localhost:1",
    "http://localhost:65535",
    "http://127.0.0.1:8080",
    "http://[::1]:3000",
    "http://intranet:8080",
    "https://any.example",
    "https://any.example:8443",
]
BAD = [
    "null",
    "",
    " ",
    "*",
    "https://",
    "https://shop.example.evil.example",
    "https://shop.example.",
    "https://evilshop.example",
    "https://shop.example@evil.example",
    "https://evil.example/https://shop.example",
    "https://evil.example?https://shop.example",
    "https://evil.example#https://shop.example",
    "https://shop.example:444",
    "https://shop.example:443",
    "https://shop.example/",
    "https://shop.example ",
    "https://shop.example https://evil.example",
    "https://shop.example,https://evil.example",
    "https://SHOP.example",
    "http://shop.example",
    "https://www.shop.example",
    "https://shop-example",
    "https://shopxexample",
    "https://bücher.example",
    "http://intranet:80801",
    "http://intranet",
    "http://localhost.evil.example",
    "http://localhost:8080.evil.example",
    "http://localhost:*",
    "http://localhost:",
    "http://localhost:80:80",
    "http://localhost:-1",
    "http://localhost:8080@evil.example",
    "https://localhost:8080",
    "http://127.0.0.1.evil.example",
    "http://127.0.0.11:8080",
    "http://[::11]:3000",
    "https://any.example.evil.example:8443",
    "https://any.example:*",
    "file://",
    "chrome-extension://shop.example",
]


@pytest.fixture
def site(make: Make) -> MadeSite:
    return make.site(allowed_origins=ALLOWED)


def call(page: Page, route: str, **headers: str) -> Any:
    return page.client.post(f"/w/{page.key}/{route}", data=json.dumps(valid_body(route, page)), headers=headers)


def check_open(answer: Any, origin: str | None = None) -> None:
    """Check that any page may read the response, even with credentials in its request, and that it sets no cookie."""
    assert answer.headers["Access-Control-Allow-Origin"] == (origin or "*")
    assert answer.headers.get("Access-Control-Allow-Credentials") == ("true" if origin else None)
    assert answer.request.method == "GET" or "Origin" in answer.vary
    assert answer.headers["Access-Control-Expose-Headers"] == "Retry-After"
    for name in ("Access-Control-Allow-Private-Network", "Set-Cookie"):
        assert name not in answer.headers


def test_pages_of_the_site_may(article_page: Page) -> None:
    for route, origin in product(ROUTES, GOOD):
        answer = call(article_page, route, Origin=origin)
        assert answer.status_code in (200, 204), (route, origin)
        check_open(answer, origin)


def test_pages_of_elsewhere_may_not_and_read_why(app: Flask, article_page: Page) -> None:
    for route, origin in product(ROUTES, BAD):
        answer = call(article_page, route, Origin=origin)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "origin"), (route, origin)
        check_open(answer, origin)
    assert [count(app, name) for name in ("vote", "conversation", "subject", "event")] == [0, 0, 0, 0]


def test_a_request_without_an_origin_is_accepted(article_page: Page) -> None:
    """Accept it, because only browsers send an origin: the list stops pages of other sites, never programs."""
    assert call(article_page, "votes").status_code == 200
    assert call(article_page, "votes", Referer="https://evil.example/", Host="localhost").status_code == 200


def test_null_may_be_allowed_by_name(make: Make) -> None:
    site = make.site(allowed_origins=["null"])
    page = Page(make.client, site.key, str(make.survey(site, "article", **REASONED).revision))
    assert call(page, "votes", Origin="null").status_code == 200
    assert call(page, "votes", Origin="https://shop.example").status_code == 403


def test_every_answer_below_w_may_be_read(article_page: Page) -> None:
    """Open errors too, or the widget could not distinguish them from being offline."""
    client, key = article_page.client, article_page.key
    answers = [
        client.get(f"/w/{key}.js"),
        client.get("/w/none.js"),
        client.get("/w/-/none.js"),
        client.get(f"/w/{key}/votes"),
        client.put(f"/w/{key}/votes", json={}),
        client.delete(f"/w/{key}/votes"),
        client.post(f"/w/{key}/nothing", json={}),
        client.post(f"/w/{key}/votes", data=b"{"),
        client.post(f"/w/{key}/votes", data=b"x" * 100_000),
        client.post("/w/none/votes", json=valid_body("votes", article_page)),
        client.post(f"/w/{key}/votes", json={}, headers={"Host": "evil.example"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 404, 405, 405, 405, 404, 400, 413, 404, 400]
    for answer in answers:
        check_open(answer)


def test_a_file_is_the_same_for_every_page(article_page: Page) -> None:
    """Shared caches keep one copy of a file, so it names no origin."""
    for path in (f"/w/{article_page.key}.js", "/w/none.js", "/w/-/none.js"):
        answer = article_page.client.get(path, headers={"Origin": "https://shop.example"})
        check_open(answer)
        assert "Origin" not in answer.vary


#: Requested headers of a page whose wrapper of `fetch` adds some, and values that are not lists of names.
TRACED = "content-type, traceparent,x-b3-traceid"
NO_NAMES = ["", "a, ,b", "a b", "a:b", "ä", "a,", "x" * 1_001]


def test_a_preflight_allows_the_headers_that_it_names(article_page: Page) -> None:
    screenshot = "votes/01890000-0000-7000-8000-000000000000/screenshot"
    for route in (*ROUTES, screenshot):
        preflight_headers = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
        path = f"/w/{article_page.key}/{route}"
        usual = "authorization, content-type" if route == screenshot else "content-type"
        for requested, allowed in [(TRACED, TRACED), *((names, usual) for names in NO_NAMES)]:
            headers = {**preflight_headers, "Access-Control-Request-Headers": requested}
            answer = article_page.client.options(path, headers=headers)
            assert answer.status_code in (200, 204)
            check_open(answer, "https://shop.example")
            assert answer.headers["Access-Control-Allow-Headers"] == allowed


def test_a_preflight_grants_no_more_than_is_needed(article_page: Page) -> None:
    preflight_headers = {
        "Origin": "https://evil.example",
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Private-Network": "true",
    }
    answer = article_page.client.options(f"/w/{article_page.key}/votes", headers=preflight_headers)
    assert answer.status_code in (200, 204)
    check_open(answer, "https://evil.example")
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST"
    assert answer.headers["Access-Control-Allow-Headers"] == "content-type"
    vote = f"/w/{article_page.key}/votes/01890000-0000-7000-8000-000000000000"
    answer = article_page.client.options(f"{vote}/screenshot", headers=preflight_headers)
    check_open(answer, "https://evil.example")
    assert answer.headers["Access-Control-Allow-Methods"] == "PUT, DELETE"
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization, content-type"


FOR_AGENTS = {"/agent.js", "/agent/ratings", "/agent/scores", "/agent/ask", "/agent/close"}


def test_nothing_outside_w_is_opened_to_pages(app: Flask, article_page: Page) -> None:
    """Open neither the API nor the console to another origin, however the path is spelled.

    Agents' pages may call their routes, which need a token.
    """
    rules = {str(rule) for rule in app.url_map.iter_rules()} - FOR_AGENTS
    paths = {rule for rule in rules if not rule.startswith("/w/") and "<" not in rule}
    assert {"/api/v1/site", "/api/v1/votes", "/api/v1/openapi.json"} <= paths
    for path in [*sorted(paths), "/W/x/votes", "/w", "/x/../w/a.js"]:
        for method in ("GET", "OPTIONS", "POST"):
            answer = article_page.client.open(path, method=method, headers={"Origin": "https://shop.example"})
            granted = [name for name, _ in answer.headers if name.startswith("Access-Control-")]
            assert granted == [], (method, path)


@pytest.fixture
def cookie(app: Flask) -> str:
    """Return the cookie header of a user who is signed in to the console."""
    with app.app_context():
        secret_keys, now = app.config["SECRET_KEYS"], clock.now()
        value = redeem_link(secret_keys, make_link_token(secret_keys, now), now)
        db.session.commit()
        return f"{session_cookie()}={value}"


def test_the_consoles_cookie_changes_nothing(app: Flask, article_page: Page, cookie: str) -> None:
    key, client = article_page.key, article_page.client
    client.get("/", headers={"Cookie": cookie})
    for route in ("poll", "seen", "dismissed"):
        body = json.dumps(valid_body(route, article_page))
        for origin in ("https://shop.example", "https://evil.example", "null"):
            answers = [
                client.post(f"/w/{key}/{route}", data=body, headers={"Origin": origin, **more})
                for more in ({}, {"Cookie": cookie})
            ]
            assert comparable(answers[0]) == comparable(answers[1])
    for path in (f"/w/{key}.js", "/agent/ratings?conversation=c1", "/agent/scores"):
        headers = {"Origin": "https://shop.example"}
        assert comparable(client.get(path, headers=headers)) == comparable(
            client.get(path, headers={**headers, "Cookie": cookie})
        )
    assert call(article_page, "votes", Cookie=cookie, Origin="https://shop.example").status_code == 200
    assert [row.verified for row in rows(app, "vote")] == [False]


def test_the_cookie_of_the_harness_is_a_real_one(app: Flask, cookie: str) -> None:
    name, _, value = cookie.partition("=")
    client = app.test_client()
    client.set_cookie(name, value)
    signed_in, signed_out = client.get("/console/"), app.test_client().get("/console/")
    assert (signed_in.status_code, signed_out.status_code) != (signed_out.status_code, signed_out.status_code)
