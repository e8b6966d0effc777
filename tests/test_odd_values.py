"""Odd values are rejected with the field's name and never cause a 500 (B18).

Contradictory JSON, values of the wrong type and text that cannot be stored, on both databases, over the API and from
pages.
"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.back_end import Api
from tests.databases import ON_BOTH
from tests.factories import ORIGIN, MadeSite, Make
from tests.widget.conftest import Page, press_id
from widget_server.core.errors import DomainError, Invalid
from widget_server.web.fields import (
    Boolean,
    Choice,
    Id,
    Integer,
    ListOf,
    MappingOf,
    Nested,
    Number,
    Strict,
    Text,
    Timestamp,
)
from widget_server.web.schema_loading import load_fields, parse_body
from widget_server.web.strict_json import MalformedJson, parse_json

ODD_JSON = [
    "1.9",
    "1.0",
    "true",
    "null",
    '"1"',
    "[]",
    "{}",
    "-1",
    "1e2",
    "1e400",
    "1" * 401,
    "9" * 20,
    '"\\u0000"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"' + "x" * 100_000 + '"',
    '{"a": 1, "a": 2}',
    "[" * 17 + "]" * 17,
]


class Item(Strict):
    text = Text(max_length=3, required=True)


class EveryField(Strict):
    text = Text(max_length=5)
    line = Text(max_length=5, line=True)
    word = Choice("yes", "no")
    whole = Integer(min_value=0, max_value=9)
    decimal = Number(min_value=0, max_value=1)
    truth = Boolean()
    moment = Timestamp()
    key = Id()
    items = ListOf(Nested(Item), max_length=2)
    table = MappingOf(Text(max_length=3, min_length=1, line=True), Text(max_length=3), max_length=2)
    part = Nested(Item)


GOOD = {
    "text": "a\nb",
    "line": "ab",
    "word": "yes",
    "whole": 3,
    "decimal": 0.5,
    "truth": False,
    "moment": "2026-03-01T10:00:00Z",
    "key": "01890000-0000-7000-8000-000000000000",
    "items": [{"text": "a"}],
    "table": {"a": "b"},
    "part": {"text": "a"},
}


REFUSED: list[tuple[str, Any, str]] = [
    ("text", 5, ""),
    ("text", "a\x00", ""),
    ("text", "\ud800", ""),
    ("text", "é\ud800", ""),
    ("text", "é\x00", ""),
    ("text", "abcdef", ""),
    ("line", "a\tb", ""),
    ("line", "a\x85", ""),
    ("word", "maybe", ""),
    ("word", True, ""),
    ("whole", 1.0, ""),
    ("whole", 1.9, ""),
    ("whole", True, ""),
    ("whole", "1", ""),
    ("whole", 10**19, ""),
    ("whole", -1, ""),
    ("decimal", True, ""),
    ("decimal", "0.5", ""),
    ("decimal", 10**19, ""),
    ("truth", 0, ""),
    ("truth", "false", ""),
    ("moment", "2026-03-01T10:00:00", ""),
    ("moment", "2026-03-01", ""),
    ("moment", 1772359200, ""),
    ("moment", "9999-12-31T23:59:59-23:59", ""),
    ("moment", "0001-01-01T00:00:00+23:59", ""),
    ("key", "01890000000070008000000000000000", ""),
    ("key", "01890000-0000-7000-8000-00000000000G", ""),
    ("key", 1, ""),
    ("items", {"text": "a"}, ""),
    ("items", "a", ""),
    ("items", [{"text": "a"}] * 3, ""),
    ("items", [{"text": "a"}, {"text": 1}], "/1/text"),
    ("items", [{"text": "a"}, 3], "/1"),
    ("items", [{}], "/0/text"),
    ("table", {"a": 1}, "/a"),
    ("table", {"a/~b": "b"}, "/a~1~0b"),
    ("table", {"": "b"}, "/"),
    ("table", [], ""),
    ("part", {"text": "a", "more": 1}, "/more"),
    ("part", None, ""),
]


def test_a_field_rejects_values_of_another_type(subtests: pytest.Subtests) -> None:
    for name, value, below in REFUSED:
        with subtests.test(name=name, value=value):
            with pytest.raises(Invalid) as error:
                load_fields(EveryField(), {**GOOD, name: value})

            assert error.value.pointer == f"/{name}{below}"


def test_valid_values_are_unchanged() -> None:
    fields = load_fields(EveryField(), GOOD)

    assert set(fields) == set(GOOD)
    assert type(fields["whole"]) is int and fields["text"] == "a\nb"
    assert fields["moment"].utcoffset().total_seconds() == 0


def test_the_name_of_an_unknown_field_is_made_printable() -> None:
    for name, printed_name in (("x", "x"), ("a/b", "a~1b"), ("\ud800", "?"), ("x" * 5_000, "x" * 100)):
        with pytest.raises(Invalid) as error:
            load_fields(EveryField(), {name: 1})
        assert error.value.pointer == f"/{printed_name}"


NOT_JSON = [b"", b"{", b"{}{}", b"\xff", b"\xef\xbb\xbf{}", b"NaN", b"[Infinity]", b"-Infinity"]
DEEP = [b"[" * 200_000, b"[" * 900 + b"]" * 900]
CONTRADICTORY_JSON = [b'{"a":1,"a":1}', b'[{"b":{"a":1,"a":1}}]', b"1e400", b"-1e999", b"1" * 401, b"9" * 100_000]


def test_malformed_json_is_rejected(subtests: pytest.Subtests) -> None:
    for data in (*NOT_JSON, *DEEP):
        with subtests.test(data=data[:20]), pytest.raises(MalformedJson):
            parse_json(data)


def test_contradictory_json_is_rejected(subtests: pytest.Subtests) -> None:
    for data in CONTRADICTORY_JSON:
        with subtests.test(data=data[:20]), pytest.raises(Invalid):
            parse_json(data)


def test_a_json_bomb_costs_little() -> None:
    names = ",".join(f'"{number}":0' for number in range(90_000))
    bombs = [b"[" * 1_000_000, b"[" * 500 + b"]" * 500, f'{{{names},"0":1}}'.encode(), b"9" * 1_000_000]

    start_time = time.perf_counter()
    for bomb in bombs:
        with pytest.raises(DomainError):
            parse_json(bomb)
    assert time.perf_counter() - start_time < 5


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.slow
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([*GOOD, "more"]), ANY, max_size=4), st.binary(max_size=4), st.integers(0, 60))
def test_any_body_is_accepted_or_rejected(fields: dict[str, Any], noise: bytes, position: int) -> None:
    text = json.dumps(fields, ensure_ascii=False).encode("utf-8", "surrogatepass")

    for data in (text, text[:position] + noise + text[position:]):
        try:
            loaded_fields = parse_body(EveryField(), data)
        except DomainError as error:
            assert error.status in (400, 422)
        else:
            assert set(loaded_fields) <= set(GOOD)


@pytest.fixture
def article(api: Api, make: Make, site: MadeSite) -> Page:
    return Page(api.client, site.key, str(make.survey(site, "article").revision))


@ON_BOTH
@pytest.mark.parametrize("odd", ODD_JSON, ids=lambda odd: odd[:12])
def test_no_odd_value_in_any_field_causes_a_500(api: Api, article: Page, odd: str) -> None:
    api.put("/conversations/c1", {})
    chat = "/api/v1/conversations/c1"
    bodies: list[tuple[str, str, dict[str, Any]]] = [
        ("PATCH", "/api/v1/site", dict.fromkeys(("name", "time_zone", "languages", "allowed_origins", "rules"))),
        ("POST", "/api/v1/surveys", {"name": "x", "placement": "article", "texts": {}, "window_hours": 1}),
        ("PUT", chat, dict.fromkeys(("title", "visitor", "browser", "custom_fields", "queued_at"))),
        ("POST", f"{chat}/messages", {"external_id": "m", "author": "bot", "text": "", "sent_at": None}),
        ("POST", f"{chat}/end", dict.fromkeys(("ended_at", "closer", "ask"))),
        ("POST", f"/w/{article.key}/votes", vote(article)),
        ("POST", f"/w/{article.key}/ended", {"browser": press_id(), "revisions": [], "page": "", "lang": "en"}),
        ("POST", f"/w/{article.key}/seen", {"kind": "article", "subject": "/a"}),
    ]
    headers = {"Authorization": f"Bearer {api.key}", "Origin": ORIGIN}
    for method, path, fields in bodies:
        for name in fields:
            rest = json.dumps({other: value for other, value in fields.items() if other != name})[1:]
            data = f'{{"{name}": {odd}{", " if len(rest) > 1 else ""}{rest}'
            answer = api.client.open(path, method=method, data=data, headers=headers, content_type="application/json")
            assert answer.status_code < 500 and answer.status_code != 429, (path, name, answer.get_data(as_text=True))


def vote(page: Page) -> dict[str, Any]:
    return {
        "kind": "article",
        "subject": "/a",
        "id": press_id(),
        "rev": 1,
        "age_ms": 0,
        "revision": page.revision,
        "score": 1,
        "reasons": [],
        "answers": {},
        "comment": None,
    }


@pytest.mark.slow
@ON_BOTH
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_accepted_text_is_returned_unchanged(api: Api, data: st.DataObject) -> None:
    text = data.draw(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=50))

    answer = api.put("/conversations/c1", {"custom_fields": {"field": text}})

    assert answer.status_code == 200, answer.text
    assert api.get("/conversations/c1").get_json()["custom_fields"] == {"field": text}
