"""A chat that only a page tells of is a line in the agents' list that anybody may write: so many in a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from widget_server.core import tokens
from widget_server.invitations import quota

from ..back_end import Api
from ..conversations.rows import count, rows, wrong_counts
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..factories import Make
from ..frozen_clock import SetClock
from ..widget.conftest import Page, press_id

NOT_ASKED = {"asked": False, "reason": "quota"}
MADE = ("conversation", "segment", "invitation", "event")


def claim(page: Page, address: str = "203.0.113.7", **more: Any) -> Any:
    """The end of a chat that nobody else told of, from an address."""
    other = replace(page, browser=press_id())
    body = {"conversation": "claim", "browser": other.browser, "revisions": [page.revision], **more}
    return done(other.post("ended", body, environ_base={"REMOTE_ADDR": address}))


def refused(app: Flask) -> list[int]:
    return [row.refused_count for row in rows(app, "claim_day")]


def made(app: Flask) -> list[int]:
    return [count(app, name) for name in MADE]


@ON_BOTH
def test_a_site_takes_so_many_in_a_day(
    app: Flask, page: Page, monkeypatch: pytest.MonkeyPatch, clock: SetClock, talks: Callable[..., Talk]
) -> None:
    monkeypatch.setattr(quota, "CLAIMS_PER_DAY", 2)
    first = done(page.end("claim-0"))
    assert [first["asked"], claim(page)["asked"]] == [True, True]
    before = made(app)
    assert [claim(page, f"203.0.113.{n}") for n in (8, 9, 10)] == [NOT_ASKED] * 3
    assert (made(app), refused(app)) == (before, [3]), "nothing is written of them but how many they were"
    assert done(page.end("claim-0")) == first, "who was asked stays asked"
    assert talks().chat().ask(), "proven ones are not counted"
    clock.forward(days=1)
    assert claim(page)["asked"]
    assert (refused(app), wrong_counts(app)) == ([3], [])


@ON_BOTH
def test_one_address_does_not_take_the_room_of_all(
    app: Flask, page: Page, monkeypatch: pytest.MonkeyPatch, make: Make
) -> None:
    monkeypatch.setattr(quota, "CLAIMS_PER_SOURCE", 2)
    assert [claim(page)["asked"] for _ in range(4)] == [True, True, False, False]
    assert claim(page, "198.51.100.1")["asked"]
    assert (count(app, "conversation"), refused(app)) == (3, [2])
    other = make.site()
    assert claim(replace(page, key=other.key, revision=str(make.survey(other).revision)))["asked"]


def test_who_was_refused_is_asked_once_the_back_end_names_the_browser(
    page: Page, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota, "CLAIMS_PER_DAY", 0)
    assert done(page.end("c1")) == NOT_ASKED
    done(api.put("/conversations/c1", {"browser": tokens.digest(page.browser)}))
    assert done(api.post("/conversations/c1/end", {}))["asked"]
    assert done(page.poll("c1"))["asked"]


def test_how_many_were_refused_is_told(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quota, "CLAIMS_PER_DAY", 0)
    for _ in range(3):
        assert claim(page) == NOT_ASKED
    assert "tilfreds_claims_refused 3.0" in page.client.get("/metrics").text
