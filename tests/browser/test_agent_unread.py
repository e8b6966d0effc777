"""Unread ratings in a browser: read once a visible page shows them, and counted live on every page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.conversations.talk import Talk

from .agent import Agent, Desk
from .watch import Watch, failed

#: These pages are the same whatever database is behind them.


@pytest.fixture
def rated(desk: Desk) -> list[Talk]:
    """Return two chats, each with a rating."""
    talks = [desk.talk(title=title) for title in ("Order 17", "Order 18")]
    for talk in talks:
        talk.vote(talk.ask(), 1)
    return talks


def count(agent: Agent) -> Locator:
    return agent.page.locator(".places .unread-count")


def unread(agent: Agent) -> Locator:
    return agent.page.locator("a.row.unread")


def open_waiting_chat(signed_in: Callable[..., Agent], desk: Desk) -> tuple[Agent, Talk, str]:
    """Return an agent who reads a third chat, the chat, and the token of its survey."""
    agent, talk = signed_in(), desk.talk(title="Order 19")
    token = talk.ask()
    agent.read(talk)
    return agent, talk, token


def test_opening_a_rating_marks_it_as_read_for_all_users(signed_in: Callable[..., Agent], rated: list[Talk]) -> None:
    one, colleague, at_articles = signed_in(), signed_in(), signed_in()
    for agent, place in ((one, "conversations"), (colleague, "conversations"), (at_articles, "articles")):
        agent.open(place)
        expect(count(agent)).to_have_text(", unread: 2")
    one.page.get_by_role("link", name="Order 17").click()
    for agent in (one, colleague, at_articles):
        expect(count(agent)).to_have_text(", unread: 1")
    for agent in (one, colleague):
        expect(unread(agent)).to_have_count(1)
        expect(unread(agent)).to_contain_text("Order 18")


def test_a_rating_that_arrives_in_an_open_transcript_is_read(
    desk: Desk, signed_in: Callable[..., Agent], rated: list[Talk]
) -> None:
    agent, talk, token = open_waiting_chat(signed_in, desk)
    talk.vote(token, 3)
    expect(agent.bands).to_contain_text("Good")
    expect(count(agent)).to_have_text(", unread: 2")
    expect(unread(agent).filter(has_text="Order 19")).to_have_count(0)


def test_a_hidden_page_marks_nothing_as_read(desk: Desk, signed_in: Callable[..., Agent], rated: list[Talk]) -> None:
    agent, talk, token = open_waiting_chat(signed_in, desk)
    agent.look_away(True)
    talk.vote(token, 3)
    expect(agent.bands).to_contain_text("Good")
    expect(count(agent)).to_have_text(", unread: 3")
    agent.look_away(False)
    expect(count(agent)).to_have_text(", unread: 2")


def test_a_failed_request_is_repeated_when_the_page_is_visible_again(
    signed_in: Callable[..., Agent], rated: list[Talk], watch: Watch
) -> None:
    watch.expect(failed("/mark-read"))
    agent = signed_in()
    agent.open()
    agent.page.route("**/mark-read", lambda route: route.abort())
    agent.page.get_by_role("link", name="Order 17").click()
    expect(agent.bands).to_have_count(1)
    expect(count(agent)).to_have_text(", unread: 2")
    agent.page.unroute("**/mark-read")
    agent.look_away(False)
    expect(count(agent)).to_have_text(", unread: 1")


def test_all_are_marked_as_read_at_once(signed_in: Callable[..., Agent], rated: list[Talk]) -> None:
    agent = signed_in()
    agent.open()
    agent.page.get_by_role("link", name="Unread", exact=True).click()
    expect(agent.rows).to_have_count(2)
    agent.page.get_by_role("button", name="Mark all as read").click()
    expect(agent.page.get_by_text("No unread ratings.")).to_be_visible()
    expect(count(agent)).to_have_count(0)


def test_the_open_conversation_stays_in_the_list_of_unread_ones_until_another_is_opened(
    signed_in: Callable[..., Agent], rated: list[Talk]
) -> None:
    agent = signed_in()
    agent.open("conversations?status=unread")
    agent.page.get_by_role("link", name="Order 17").click()
    expect(count(agent)).to_have_text(", unread: 1")
    expect(unread(agent)).to_have_count(1)
    expect(agent.rows).to_have_count(2)
    agent.page.get_by_role("link", name="Order 18").click()
    expect(count(agent)).to_have_count(0)
    expect(agent.rows).to_have_count(1)
    expect(agent.rows).to_contain_text("Order 18")
    agent.page.go_back()
    expect(agent.rows).to_have_count(1)
    expect(agent.page.locator("a.row[aria-current]")).to_contain_text("Order 17")


def test_without_scripts_a_button_does_it(signed_in: Callable[..., Agent], rated: list[Talk]) -> None:
    agent = signed_in(java_script_enabled=False)
    agent.page.goto(f"{agent.product.url}/console/{agent.site.key}/conversations?status=unread")
    agent.page.get_by_role("link", name="Order 17").click()
    agent.page.get_by_role("button", name="Mark as read").click()
    expect(agent.page.get_by_role("button", name="Mark as read")).to_have_count(0)
    expect(unread(agent)).to_contain_text(["Order 18"])
    assert "status=unread" in agent.page.url
