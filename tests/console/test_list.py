"""The list of conversations: its rows, its filters, its fragments, and its texts while it is empty."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from itertools import product

import pytest
from flask.testing import FlaskClient

from tests.conversations.talk import Talk
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock

from .conftest import Console, Desk

Talks = Callable[..., Talk]


@pytest.fixture
def several(talks: Talks, clock: SetClock) -> dict[str, Talk]:
    """One conversation of each kind, made one minute after the other."""
    talks_by_title: dict[str, Talk] = {}
    for title in ("bad", "good", "recovered", "waiting", "not asked", "open"):
        clock.forward(minutes=1)
        talks_by_title[title] = talks(title=title)
        if title == "not asked":
            talks_by_title[title].say("visitor")
            talks_by_title[title].end()
            continue
        talks_by_title[title].chat()
        if title == "open":
            continue
        token = talks_by_title[title].ask()
        if title in ("bad", "recovered"):
            talks_by_title[title].vote(token, 1, comment="Too slow", id="A" * 22)
        if title == "good":
            talks_by_title[title].vote(token, 3)
        if title == "recovered":
            clock.forward(minutes=6)
            talks_by_title[title].vote(token, 3, id="A" * 22, rev=2)
    return talks_by_title


@pytest.fixture
def bad(talks: Talks, clock: SetClock, desk: Desk) -> Talk:
    """Return a conversation in the list of negative ones."""
    talk = talks(title="bad").chat()
    talk.vote(talk.ask(), 1, comment="Too slow", id="A" * 22)
    assert desk.titles(status="negative") == ["bad"]
    return talk


TITLES_BY_STATUS = {
    "negative": ["bad"],
    "waiting": ["waiting"],
    "not_asked": ["not asked"],
    "all": ["open", "not asked", "waiting", "recovered", "good", "bad"],
    "rated": ["recovered", "good", "bad"],
}


@ON_BOTH
def test_each_kind_of_conversation_is_in_its_lists(several: dict, desk: Desk, subtests: pytest.Subtests) -> None:
    """Check everything that only reads the conversations, because making them takes longer than reading them."""
    with subtests.test("the last thing that happened comes first with its status in words"):
        check_order_and_words(desk)
    for status, titles in TITLES_BY_STATUS.items():
        with subtests.test("a filter is in the address", status=status):
            assert desk.titles(status=status) == titles
    for limit in ("0", "-1", "x", "99999999999999999999", "1.5", "٣"):
        with subtests.test("an odd limit is no fault", limit=limit):
            assert desk.titles(limit=limit)
    with subtests.test("an open conversation is marked in its list"):
        page = desk.transcript(several["good"].read()["id"])
        [current] = [row for row in page.all("a", klass="row") if "aria-current" in row.attributes]
        assert current.one("b").text == "good"


def check_order_and_words(desk: Desk) -> None:
    rows = {row.one("b").text: row.one("span", klass="line").text for row in desk.rows()}
    assert list(rows) == ["open", "not asked", "waiting", "recovered", "good", "bad"]
    assert rows == {
        "open": "Open",
        "not asked": "Not asked: no person answered",
        "waiting": "Asked 10:10, no answer yet",
        "recovered": "Good · was Bad, changed after 6 min · recovered",
        "good": "Good",
        "bad": "Bad · “Too slow”",
    }


UNKNOWN = ["status=nonsense", "sentiment=sad", "reason=x", "history=x", "channel=fax", "tag=" + "x" * 201]


def test_an_unknown_filter_is_refused_in_words(talk: Talk, desk: Desk, subtests: pytest.Subtests) -> None:
    opened = talk.read()["id"]
    for query, path in product(UNKNOWN, ("conversations", f"conversations/{opened}")):
        with subtests.test(query=query, path=path):
            refused = desk.console.read(f"{desk.site.key}/{path}?{query}", status=422)
            assert f"“{query.partition('=')[0]}”" in refused.one("main").text
            assert refused.one("main").one("a").text == "Back to the console"


@ON_BOTH
def test_thanks_after_the_end_does_not_hide_the_answer(bad: Talk, talks: Talks, desk: Desk, clock: SetClock) -> None:
    clock.forward(minutes=1)
    unanswered = talks(title="not asked")
    unanswered.say("visitor")
    unanswered.end()
    assert desk.titles() == ["not asked", "bad"]
    clock.forward(minutes=1)
    bad.say("visitor", "Thanks, bye")
    bad.end()
    assert desk.titles() == ["bad", "not asked"]
    assert desk.rows()[0].one("span", klass="line").text == "Bad · “Too slow”"
    assert desk.titles(status="negative") == ["bad"]
    assert desk.titles(status="not_asked") == ["not asked"]


@ON_BOTH
def test_a_later_positive_segment_removes_a_conversation_from_the_negative_ones(
    bad: Talk, desk: Desk, clock: SetClock
) -> None:
    clock.forward(hours=1)
    bad.chat()
    bad.vote(bad.ask(), 3)
    assert desk.titles(status="negative") == []


@ON_BOTH
def test_a_removed_answer_is_not_bad(bad: Talk, desk: Desk) -> None:
    # The page asks again and is given the same question.
    bad.vote(bad.ask(), None, id="A" * 22, rev=2)
    assert desk.titles(status="negative") == []


@ON_BOTH
def test_an_expired_question_is_waited_for_no_longer(talks: Talks, desk: Desk, clock: SetClock) -> None:
    talks(title="waiting").chat().ask()
    assert desk.titles(status="waiting") == ["waiting"]
    clock.forward(days=15)
    desk.console.sign_in()
    assert desk.titles(status="waiting") == []


@ON_BOTH
def test_a_long_list_continues(talks: Talks, desk: Desk, clock: SetClock) -> None:
    for number in range(45):
        clock.forward(seconds=1)
        talks(title=f"n{number}")
    assert desk.titles() == [f"n{number}" for number in range(44, 4, -1)]
    page = desk.console.read(f"{desk.site.key}/conversations")
    older = page.one("a", data_key="older")["href"]
    longer = desk.console.read(older.removeprefix("/console/"))
    assert len(list(longer.all("a", klass="row"))) == 45
    assert not list(longer.all("a", data_key="older"))


def test_an_invalid_cursor_is_refused(desk: Desk) -> None:
    missing_id = "00000000-0000-0000-0000-000000000000"
    moments = ("2026-01-01T00:00:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59")
    for cursor in ("x", "2026-01-01~", *(f"{moment}~{missing_id}" for moment in moments)):
        refused = desk.console.get(f"{desk.site.key}/conversations", query_string={"cursor": cursor})
        assert refused.status_code == 422


@ON_BOTH
def test_an_unchanged_fragment_costs_nothing_to_read_again(bad: Talk, desk: Desk, clock: SetClock) -> None:
    path = f"{desk.site.key}/conversations?fragment=list"
    first = desk.console.get(path)
    again = desk.console.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    clock.forward(minutes=1)
    bad.say("visitor", "More")
    changed = desk.console.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert "<html" not in changed.text


def test_an_empty_list_says_how_to_send_the_first_conversation(desk: Desk, site: MadeSite) -> None:
    page = desk.console.read(f"{site.key}/conversations")
    commands = page.one("pre").text
    assert "curl -X PUT http://localhost/api/v1/conversations/order-4411" in commands
    assert commands.count("curl") == 3
    assert page.one("button", data_copy="first-conversation")["data-copy"] == page.one("pre")["id"]
    assert "No negative ratings." in desk.console.read(f"{site.key}/conversations?status=negative").text


def test_the_commands_of_the_empty_list_make_a_conversation_that_is_asked(
    make: Make, desk: Desk, site: MadeSite, client: FlaskClient
) -> None:
    make.survey(site)
    commands = "".join(desk.console.read(f"{site.key}/conversations").one("pre").pieces())
    for command in commands.replace("\\\n", " ").split("curl ")[1:]:
        _, method, url, *rest = shlex.split(command)
        options = dict(zip(rest[::2], rest[1::2], strict=True))
        path = url.removeprefix("http://localhost")
        headers = {"Authorization": f"Bearer {site.api_key}", "Content-Type": "application/json"}
        answer = client.open(path, method=method, data=options["-d"], headers=headers)
        assert answer.status_code < 300, answer.text
    [row] = desk.rows()
    assert row.one("b").text == "Order 4411"
    assert "no answer yet" in row.text


def test_an_empty_list_of_articles_shows_the_code_to_add(desk: Desk, site: MadeSite) -> None:
    page = desk.console.read(f"{site.key}/articles")
    assert f'<script async src="http://localhost/w/{site.key}.js"></script>' in page.one("pre").text


def test_an_unknown_or_removed_site_is_not_there(console: Console) -> None:
    for path in ("unknown/conversations", "unknown/articles", "unknown/live", "unknown/"):
        assert console.get(path).status_code == 404


def test_the_policy_of_every_page_allows_nothing_but_its_own(desk: Desk, stranger: Console, site: MadeSite) -> None:
    for response in (
        desk.console.get(f"{site.key}/conversations"),
        desk.console.get(f"{site.key}/articles"),
        desk.console.get("nowhere/at/all"),
        stranger.get(""),
        stranger.client.get(stranger.link()),
    ):
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "Access-Control-Allow-Origin" not in response.headers
        assert response.headers["Cache-Control"] == "no-store"
        assert " style=" not in response.text
        assert " onclick" not in response.text


def test_the_consoles_files_are_kept_under_their_content(desk: Desk, site: MadeSite, stranger: Console) -> None:
    page = desk.console.read(f"{site.key}/conversations")
    address = page.one("script")["src"]
    answer = stranger.client.get(address)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/javascript")
    assert "immutable" in answer.headers["Cache-Control"]
    folder, _, name = address.rpartition("/")
    other = stranger.client.get(f"{folder.rpartition('/')[0]}/000000000000/{name}")
    assert other.headers["Cache-Control"] == "no-cache"
    for odd in ("../conftest.py", "missing.js", "%2e%2e%2fwidget.js"):
        assert stranger.client.get(f"{folder}/{odd}").status_code in (401, 404)
