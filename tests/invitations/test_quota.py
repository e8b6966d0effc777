"""The daily quota of unverified chats, each a line in the agents' list that any visitor can create."""

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
COUNTED_TABLES = ("conversation", "segment", "invitation", "event")


def claim(page: Page, address: str = "203.0.113.7", **more: Any) -> Any:
    """End a chat that the back end never sent, as a page with this client address."""
    other_page = replace(page, browser=press_id())
    body = {"conversation": "claim", "browser": other_page.browser, "revisions": [page.revision], **more}
    return done(other_page.post("ended", body, environ_base={"REMOTE_ADDR": address}))


def refused_counts(app: Flask) -> list[int]:
    return [row.refused_count for row in rows(app, "unverified_chat_day")]


def row_counts(app: Flask) -> list[int]:
    return [count(app, name) for name in COUNTED_TABLES]


@ON_BOTH
def test_a_site_accepts_only_its_quota_in_a_day(
    app: Flask, page: Page, monkeypatch: pytest.MonkeyPatch, clock: SetClock, talks: Callable[..., Talk]
) -> None:
    monkeypatch.setattr(quota, "MAX_UNVERIFIED_PER_DAY", 2)
    first = done(page.end("claim-0"))
    assert [first["asked"], claim(page)["asked"]] == [True, True]
    before = row_counts(app)
    assert [claim(page, f"203.0.113.{n}") for n in (8, 9, 10)] == [NOT_ASKED] * 3
    assert (row_counts(app), refused_counts(app)) == (before, [3]), "nothing but their count is stored"
    assert done(page.end("claim-0")) == first, "an accepted chat keeps its invitation"
    assert talks().chat().ask(), "verified chats do not count"
    clock.forward(days=1)
    assert claim(page)["asked"]
    assert (refused_counts(app), wrong_counts(app)) == ([3], [])


@ON_BOTH
def test_one_address_cannot_use_up_the_quota(
    app: Flask, page: Page, monkeypatch: pytest.MonkeyPatch, make: Make
) -> None:
    monkeypatch.setattr(quota, "MAX_UNVERIFIED_PER_SOURCE", 2)
    assert [claim(page)["asked"] for _ in range(4)] == [True, True, False, False]
    assert claim(page, "198.51.100.1")["asked"]
    assert (count(app, "conversation"), refused_counts(app)) == (3, [2])
    other_site = make.site()
    assert claim(replace(page, key=other_site.key, revision=str(make.survey(other_site).revision)))["asked"]


def test_a_flood_from_some_networks_leaves_room_for_others(
    app: Flask, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota, "MAX_UNVERIFIED_PER_DAY", 12)
    monkeypatch.setattr(quota, "MAX_RESERVED_PER_PREFIX", 1)
    floods = [f"203.0.113.{n}" for n in range(10)] + [f"2001:db8:1:{n}::5" for n in range(10)]
    assert sum(claim(page, address)["asked"] for address in floods) == 6 + 1 + 1
    others = ["198.51.100.1", "192.0.2.1", "2001:db8:2::1", "2001:db8:3::1"]
    assert [claim(page, address)["asked"] for address in others] == [True] * 4
    assert claim(page, "198.51.101.1") == NOT_ASKED, "the quota of the site is used up"


def test_neighbouring_addresses_share_a_limit(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quota, "MAX_UNVERIFIED_PER_PREFIX", 2)
    assert [claim(page, f"203.0.113.{n}")["asked"] for n in range(3)] == [True, True, False]
    assert [claim(page, f"2001:db8:1:{n}::5")["asked"] for n in range(3)] == [True, True, False]


def test_a_refused_chat_is_asked_about_once_the_back_end_sends_its_browser(
    page: Page, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota, "MAX_UNVERIFIED_PER_DAY", 0)
    assert done(page.end("c1")) == NOT_ASKED
    done(api.put("/conversations/c1", {"browser": tokens.digest(page.browser)}))
    assert done(api.post("/conversations/c1/end", {}))["asked"]
    assert done(page.poll("c1"))["asked"]


def test_the_metrics_count_refused_chats(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quota, "MAX_UNVERIFIED_PER_DAY", 0)
    for _ in range(3):
        assert claim(page) == NOT_ASKED
    assert "tilfreds_unverified_chats_rejected 3.0" in page.client.get("/metrics").text
