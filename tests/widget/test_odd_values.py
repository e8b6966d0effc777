"""Odd values on every public route: always a clear refusal or a harmless yes, never a fault of ours."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..conversations.rows import count, rows
from ..databases import ON_BOTH
from ..factories import MadeSite
from .conftest import Page, press_id
from .unlimited import config

__all__ = ["config"]
ROUTES = ["ended", "poll", "seen", "dismissed", "votes"]
SUBJECT = {"kind": "article", "subject": "/returns", "page": "https://shop.example/returns"}
PROOF = {"visitor": "ann", "signature": "1.k1." + "A" * 43, "expires": 4_000_000_000}

#: Of a text that a person writes, such characters are dropped.
DROPPED = ("NUL", "NUL within", "half a character", "half a character within")
#: JSON texts, because some of these cannot be said in Python's own values.
ODD = {
    "NUL": r'"\u0000"',
    "NUL within": r'"a\u0000b"',
    "half a character": r'"\ud800"',
    "half a character within": r'"a\udfffb"',
    "a control character": r'"\u0007\u001b[31m"',
    "right to left override": r'"\u202egpj.exe"',
    "empty": '""',
    "blank": '" "',
    "no address": '"http://["',
    "no address either": '"//["',
    "a host that is none": r'"//\u2100/"',
    "an address with a port that is none": '"https://shop.example:port/"',
    "an address alone": '"https://shop.example"',
    "a query alone": '"?"',
    "a part": "1.9",
    "a whole part": "1.0",
    "true": "true",
    "null": "null",
    "minus": "-1",
    "zero": "0",
    "beyond 64 bits": str(2**63),
    "beyond every float": "1" + "0" * 400,
    "an endless float": "1e999",
    "minus zero": "-0.0",
    "not a number": "NaN",
    "infinity": "-Infinity",
    "a list": "[]",
    "an object": "{}",
    "an object in a list": '[{"a":[]}]',
    "twice": '{"a":1,"a":2}',
    "a list of odd ones": r'["\u0000", 1.9, null]',
    "nested deeply": "[" * 5_000 + "]" * 5_000,
    "long": json.dumps("x" * 15_000),
    "wide": json.dumps("\u6f22" * 5_000),
    "emoji": json.dumps("\U0001f600" * 300),
}


NEVER = {name for name in ODD if "NUL" in name or "half" in name}
NEVER |= {"a part", "beyond every float", "an endless float", "twice", "not a number", "infinity", "nested deeply"}


def valid_body(route: str, page: Page) -> dict[str, Any]:
    """Return a valid body of the route with every field that it accepts."""
    if route in ("ended", "poll"):
        return {"conversation": "c1", "browser": press_id(), "revisions": [page.revision], "page": "/", "lang": "en"}
    if route in ("seen", "dismissed"):
        return dict(SUBJECT)
    answer = {"score": 3, "reasons": ["slow"], "answers": {}, "comment": "Hm", "lang": "en"}
    return {**SUBJECT, "id": press_id(), "rev": 1, "age_ms": 5, "revision": page.revision, **answer}


def send(page: Page, route: str, text: str | bytes, **headers: str) -> Any:
    data = text.encode() if isinstance(text, str) else text
    return page.client.post(f"/w/{page.key}/{route}", data=data, headers={"Origin": page.origin or "", **headers})


def check_readable(answer: Any) -> None:
    """Assert a status below 500, and that every error is a problem document that a page may read."""
    assert answer.status_code < 500, answer.get_data(as_text=True)
    if answer.status_code >= 400:
        problem = answer.get_json()
        assert (problem["status"], answer.mimetype) == (answer.status_code, "application/problem+json")
        assert problem["code"] and problem["detail"]
    assert answer.headers["Access-Control-Allow-Origin"] == (answer.request.headers.get("Origin") or "*")


def with_field(body: dict[str, Any], name: str, text: str) -> str:
    """Return the body as JSON with one field spelled exactly like this."""
    others = {key: value for key, value in body.items() if key != name}
    return "{" + f'"{name}": {text}, ' + json.dumps(others)[1:]


def test_the_valid_body_is_accepted(article_page: Page) -> None:
    answers = [send(article_page, route, json.dumps(valid_body(route, article_page))).status_code for route in ROUTES]
    assert answers == [200, 204, 204, 204, 200]


@ON_BOTH
@pytest.mark.slow
def test_each_field_with_each_odd_value(article_page: Page) -> None:
    for route in ROUTES:
        body = valid_body(route, article_page)
        for name in (*body, "unknown", "token"):
            check_each_odd_value(article_page, route, body, name)


def test_each_field_of_a_signature_or_a_token_with_each_odd_value(article_page: Page) -> None:
    for route in ROUTES:
        more: dict[str, Any] = {"token": "k1." + "A" * 43} if route in ("seen", "dismissed") else PROOF
        for name in more:
            check_each_odd_value(article_page, route, {**valid_body(route, article_page), **more}, name)


def check_each_odd_value(page: Page, route: str, body: dict[str, Any], name: str) -> None:
    for what, text in ODD.items():
        answer = send(page, route, with_field(body, name, text))
        check_readable(answer)
        # Of a comment the characters that no database stores are dropped.
        if what in NEVER and (name, what) not in [("comment", one) for one in DROPPED]:
            assert answer.status_code in (400, 422), (route, name, what, answer.get_json())
        if answer.status_code == 422:
            assert answer.get_json().get("pointer", "/").startswith("/"), (route, name, what)


@ON_BOTH
def test_a_comment_is_saved_without_the_characters_that_cannot_be_stored(app: Flask, article_page: Page) -> None:
    body = valid_body("votes", article_page)
    text = r'"Fine\u0000 and \ud83d\ude00 half of \ud83d"'
    answer = send(article_page, "votes", with_field(body, "comment", text))
    assert answer.status_code == 200
    assert [row.comment for row in rows(app, "vote")] == ["Fine and 😀 half of "]


BODIES: dict[str, bytes] = {
    "nothing": b"",
    "a list": b"[]",
    "null": b"null",
    "text": b'"votes"',
    "half": b'{"id":',
    "two": b"{}{}",
    "no UTF-8": b'{"id": "\xff\xfe"}',
    "a NUL": b"\x00",
    "with a mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"id": 1}'.encode("utf-16"),
    "form": b"id=1&rev=2",
    "deep": b"[" * 7_000,
    "deep objects": b'{"a":' * 3_000 + b"1" + b"}" * 3_000,
    "a million": b'{"comment": "' + b"x" * 1_000_000 + b'"}',
    "many names": json.dumps({f"n{n}": n for n in range(1_500)}).encode(),
}


def test_bodies_that_are_none(page: Page) -> None:
    for route, what in product(ROUTES, BODIES):
        answer = send(page, route, BODIES[what])
        check_readable(answer)
        assert answer.status_code in (400, 413, 422), (route, what)


KEYS = ["%00", "a%00b", "%ff%fe", "..", "%2e%2e", "a" * 5_000, "%F0%9F%98%80", "'--", "%0d%0aSet-Cookie:a=b", " ", "-"]


@ON_BOTH
def test_keys_that_are_none(page: Page, client: FlaskClient) -> None:
    for key in KEYS:
        for route in ROUTES:
            answer = client.post(f"/w/{key}/{route}", json=valid_body(route, page))
            check_readable(answer)
            assert answer.status_code == 404, (key, route)
        script = client.get(f"/w/{key}.js")
        assert script.status_code in (200, 404), key
        assert page.key not in script.get_data(as_text=True)


NAMES = [
    "%00.js",
    "a" * 300 + ".js",
    "..",
    "..%2f..%2fwidget_server%2fcli.py",
    "manifest.json",
    ".js",
    "%ff.js",
    "x.js%00",
]


def test_files_that_are_none(client: FlaskClient) -> None:
    assert {name: client.get(f"/w/-/{name}").status_code for name in NAMES} == dict.fromkeys(NAMES, 404)


HEADERS = [
    {"Origin": "\xff"},
    {"Origin": "http://["},
    {"Origin": "x" * 5_000},
    {"Content-Type": "application/json; charset=utf-7"},
    {"Content-Type": "multipart/form-data; boundary=x"},
    {"Content-Type": ";;;"},
    {"Content-Encoding": "gzip"},
    {"Accept": "nothing/at-all"},
    {"Authorization": "Bearer \xff"},
    {"X-Forwarded-For": "unknown"},
    {"Cookie": "tilfreds=\xff; =; a"},
]


def test_odd_headers(article_page: Page) -> None:
    for route, headers in product(ROUTES, HEADERS):
        check_readable(send(article_page, route, json.dumps(valid_body(route, article_page)), **headers))


def test_odd_headers_of_the_file(client: FlaskClient, site: MadeSite) -> None:
    headers = ["Accept-Encoding", "If-None-Match", "If-Modified-Since", "Range", "Host"]
    values = ["br;q=nonsense", "*;q=-1", '"', "bytes=5-1", "Tue, 99 Foo", "W/", ";" * 100]
    for header, value in product(headers, values):
        assert client.get(f"/w/{site.key}.js", headers={header: value}).status_code < 500, (header, value)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


@ON_BOTH
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(route=st.sampled_from(ROUTES), data=st.data())
def test_any_value_in_any_field(article_page: Page, route: str, data: st.DataObject) -> None:
    body = valid_body(route, article_page)
    for name in data.draw(st.lists(st.sampled_from([*body, *PROOF, "token", "kind"]), max_size=4)):
        body[name] = data.draw(VALUES)
    check_readable(send(article_page, route, json.dumps(body)))


@ON_BOTH
def test_nothing_of_all_this_was_kept(app: Flask, article_page: Page) -> None:
    """A refused body leaves no row behind, not even a subject's."""
    for name, text in (("subject", ODD["NUL"]), ("rev", "true"), ("revision", '"none"'), ("score", "99")):
        body = valid_body("votes", article_page)
        assert send(article_page, "votes", with_field(body, name, text)).status_code == 422
    assert [count(app, table) for table in ("vote", "subject", "event", "visitor")] == [0, 0, 0, 0]


def test_the_harness_sees_a_fault(article_page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(*args: Any) -> Callable[..., Any]:
        raise ZeroDivisionError

    monkeypatch.setattr(sys.modules["widget_server.widget.votes"], "page_path", fall)
    answer = send(article_page, "votes", json.dumps(valid_body("votes", article_page)))
    assert answer.status_code == 500
    with pytest.raises(AssertionError):
        check_readable(answer)
