"""Unread ratings: marked, counted, and marked as read by a form only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conversations.talk import Talk, done
from tests.databases import ON_BOTH
from tests.factories import MadeSite, MadeSurvey
from tests.frozen_clock import SetClock

from .conftest import Console, Desk
from .html import Element
from .test_manual import FOREIGN

Talks = Callable[..., Talk]


@pytest.fixture
def talk(survey: MadeSurvey, talks: Talks) -> Talk:
    return talks(title="Order 17")


@pytest.fixture
def other(survey: MadeSurvey, talks: Talks, talk: Talk, clock: SetClock) -> Talk:
    clock.forward(minutes=1)
    return talks(title="Order 18")


def unread(desk: Desk) -> set[str]:
    return {row.one("b").text for row in desk.rows() if "unread" in row["class"].split()}


def count(page: Element) -> str:
    return page.one("span", data_keyed="unread").text


def counted(desk: Desk) -> str:
    return count(desk.console.read(f"{desk.site.key}/conversations"))


def press(desk: Desk, talk: Talk, **fields: str) -> Any:
    """Press the button of a page without scripts."""
    return desk.send(form_of(desk, talk), None, **fields)


def form_of(desk: Desk, talk: Talk) -> Element:
    return desk.transcript(talk.read()["id"]).one("form", klass="mark-read")


@ON_BOTH
def test_a_rating_is_unread_until_it_is_marked_as_read(desk: Desk, talk: Talk, other: Talk) -> None:
    token = talk.ask()
    assert (unread(desk), counted(desk)) == (set(), "")
    talk.vote(token, 1)
    other.vote(other.ask(), 3)
    assert (unread(desk), counted(desk)) == ({"Order 17", "Order 18"}, ", unread: 2")
    # Reading writes nothing, however often.
    desk.transcript(talk.read()["id"])
    assert unread(desk) == {"Order 17", "Order 18"}
    assert press(desk, talk).status_code == 303
    assert (unread(desk), counted(desk)) == ({"Order 18"}, ", unread: 1")


def test_the_button_appears_where_something_is_unread(desk: Desk, talk: Talk) -> None:
    def buttons() -> list[str]:
        page = desk.transcript(talk.read()["id"])
        return [button.text for button in page.all("button") if "read" in button.text]

    assert buttons() == []
    talk.vote(talk.ask(), 1)
    assert buttons() == ["Mark as read"]
    press(desk, talk)
    assert buttons() == []


def test_a_later_change_is_unread_again(desk: Desk, talk: Talk, clock: SetClock) -> None:
    token = talk.ask()
    talk.vote(token, 1, id="A" * 22)
    press(desk, talk)
    clock.forward(seconds=5)
    talk.vote(token, 1, id="A" * 22, rev=2, comment="Never again")
    assert unread(desk) == {"Order 17"}


@ON_BOTH
def test_a_rating_after_the_page_was_loaded_stays_unread(desk: Desk, talk: Talk, clock: SetClock) -> None:
    token = talk.ask()
    talk.vote(token, 1, id="A" * 22)
    form = form_of(desk, talk)
    clock.forward(seconds=5)
    talk.vote(token, 1, id="A" * 22, rev=2, comment="Never again")
    assert desk.send(form).status_code == 303
    assert unread(desk) == {"Order 17"}


@ON_BOTH
def test_all_unread_conversations_are_marked_as_read(desk: Desk, talk: Talk, other: Talk, clock: SetClock) -> None:
    for one in (talk, other):
        one.vote(one.ask(), 3)
    press(desk, other)
    assert desk.titles(status="unread") == ["Order 17"]
    page = desk.console.read(f"{desk.site.key}/conversations", query_string={"status": "unread"})
    form = page.one("form", klass="mark-all-read")
    clock.forward(hours=1)
    other.chat()
    other.vote(other.ask(), 1)
    answer = desk.send(form)
    assert (answer.status_code, answer.location) == (303, f"/console/{desk.site.key}/conversations?status=unread")
    assert unread(desk) == {"Order 18"}, "what came since the page was read"


@ON_BOTH
def test_the_open_conversation_stays_in_the_list_of_unread_ones(
    desk: Desk, talk: Talk, other: Talk, clock: SetClock, talks: Talks
) -> None:
    clock.forward(minutes=1)
    third = talks(title="Order 19")
    for one in (talk, other, third):
        one.vote(one.ask(), 1)
    press(desk, other)

    def beside(opened: Talk, **query: str) -> list[str]:
        page = desk.transcript(opened.read()["id"], **{"status": "unread", **query})
        return [row.one("b").text for row in page.all("a", klass="row")]

    assert desk.titles(status="unread") == ["Order 19", "Order 17"]
    assert beside(other) == ["Order 19", "Order 18", "Order 17"]
    assert desk.titles(status="unread", fragment="list", open=other.read()["id"]) == beside(other)
    assert beside(third) == ["Order 19", "Order 17"]
    assert beside(other, sentiment="positive") == [], "it fits what else is asked for"
    press(desk, talk)
    assert beside(talk) == ["Order 19", "Order 17"]
    assert beside(talk, limit="1") == ["Order 19", "Order 17"], "the last of all"
    assert desk.titles(status="unread", fragment="list", open="x") == ["Order 19"]
    press(desk, third)
    page = desk.transcript(third.read()["id"], status="unread")
    assert list(page.all("form", klass="mark-all-read")) == []


def test_an_open_conversation_of_a_later_page_is_not_on_this_one(
    desk: Desk, talk: Talk, other: Talk, clock: SetClock, talks: Talks
) -> None:
    first, second = talk, other
    clock.forward(minutes=1)
    for one in (first, second, talks(title="Order 19")):
        one.vote(one.ask(), 1)
    press(desk, first)
    opened = first.read()["id"]
    assert desk.titles(status="unread", fragment="list", open=opened, limit="1") == ["Order 19"]
    assert desk.titles(status="unread", fragment="list", open=opened) == ["Order 19", "Order 18", "Order 17"]


def test_all_is_offered_where_all_are_listed(desk: Desk, talk: Talk) -> None:
    talk.vote(talk.ask(), 1)
    for query, offered in (({}, True), ({"channel": "chat"}, False)):
        page = desk.console.read(f"{desk.site.key}/conversations", query_string={"status": "unread", **query})
        assert bool(list(page.all("form", klass="mark-all-read"))) == offered


def test_the_list_is_empty(desk: Desk) -> None:
    page = desk.console.read(f"{desk.site.key}/conversations", query_string={"status": "unread"})
    assert page.one("div", klass="empty").text == "No unread ratings. Show all conversations"


def test_the_lists_fragment_brings_the_count_along(desk: Desk, talk: Talk) -> None:
    talk.vote(talk.ask(), 3)
    for name, path in (("list", "conversations"), ("figures", "articles"), ("figures", "agents")):
        fragment = desk.console.read(f"{desk.site.key}/{path}", query_string={"fragment": name})
        assert count(fragment) == ", unread: 1"


@ON_BOTH
def test_each_site_has_its_own(desk: Desk, talk: Talk, make: Any, console: Console) -> None:
    elsewhere: MadeSite = make.site(name="Elsewhere")
    talk.vote(talk.ask(), 3)
    page = console.read("")
    counts = {site.one("bdi").text: count(site) for site in page.one("div", klass="figures").all("section")}
    assert counts.pop("Elsewhere") == ""
    assert list(counts.values()) == [", unread: 1"]
    there = console.client.post(
        f"/console/{elsewhere.key}/conversations/{talk.read()['id']}/mark-read",
        data={"form_token": form_token(desk), "up_to": "2100-01-01T00:00:00+00:00"},
    )
    assert there.status_code == 404
    assert unread(desk) == {"Order 17"}


def form_token(desk: Desk) -> str:
    page = desk.console.read(f"{desk.site.key}/conversations")
    return next(field["value"] for field in page.all("input") if field.attributes.get("name") == "form_token")


def test_a_form_returns_to_the_filtered_list(desk: Desk, talk: Talk) -> None:
    talk.vote(talk.ask(), 1)
    page = desk.transcript(talk.read()["id"], sentiment="negative", q="")
    assert desk.send(page.one("form", klass="mark-read")).location.endswith(
        f"/conversations/{talk.read()['id']}?sentiment=negative"
    )


def test_an_invalid_time_is_refused(desk: Desk, talk: Talk, subtests: pytest.Subtests) -> None:
    talk.vote(talk.ask(), 1)
    for up_to in ("", "yesterday", "2026-11-26T10:00:00", "9" * 400):
        with subtests.test(up_to=up_to):
            assert press(desk, talk, up_to=up_to).status_code == 422
            assert unread(desk) == {"Order 17"}


def test_another_sites_form_and_a_stranger_are_refused(desk: Desk, talk: Talk, stranger: Console) -> None:
    talk.vote(talk.ask(), 1)
    assert press(desk, talk, form_token="x").status_code == 403
    form = form_of(desk, talk)
    assert desk.send(form, FOREIGN).status_code == 403
    assert stranger.client.post(form["action"]).status_code == 401
    assert unread(desk) == {"Order 17"}


def test_the_api_returns_and_filters_unread_conversations(desk: Desk, talk: Talk, other: Talk) -> None:
    for one in (talk, other):
        one.vote(one.ask(), 3)
    press(desk, other)
    listed = done(talk.api.get("/conversations?status=unread"))
    assert [(row["title"], row["unread_since"] is None) for row in listed["conversations"]] == [("Order 17", False)]
    everything = done(talk.api.get("/conversations"))["conversations"]
    assert {row["title"]: row["unread_since"] is None for row in everything} == {"Order 17": False, "Order 18": True}
