"""Unread answers in a browser: seen by being shown to somebody, counted live everywhere, never seen by a hidden tab."""

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
    """Two chats, each with an answer."""
    talks = [desk.talk(title=title) for title in ("Order 17", "Order 18")]
    for talk in talks:
        talk.vote(talk.ask(), 1)
    return talks


def count(agent: Agent) -> Locator:
    return agent.page.locator(".places .unread-count")


def unread(agent: Agent) -> Locator:
    return agent.page.locator("a.row.unread")


def reading_of_one_asked(signed_in: Callable[..., Agent], desk: Desk) -> tuple[Agent, Talk, str]:
    """Somebody reads a third chat, whose visitor was just asked; with it the question's token."""
    agent, talk = signed_in(), desk.talk(title="Order 19")
    asked = talk.ask()
    agent.read(talk)
    return agent, talk, asked


def test_opening_an_answer_shows_it_as_seen_to_everybody(signed_in: Callable[..., Agent], rated: list[Talk]) -> None:
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


def test_an_answer_that_comes_into_an_open_transcript_is_seen(
    desk: Desk, signed_in: Callable[..., Agent], rated: list[Talk]
) -> None:
    agent, talk, asked = reading_of_one_asked(signed_in, desk)
    talk.vote(asked, 3)
    expect(agent.bands).to_contain_text("Good")
    expect(count(agent)).to_have_text(", unread: 2")
    expect(unread(agent).filter(has_text="Order 19")).to_have_count(0)


def test_a_page_that_nobody_looks_at_sees_nothing(
    desk: Desk, signed_in: Callable[..., Agent], rated: list[Talk]
) -> None:
    agent, talk, asked = reading_of_one_asked(signed_in, desk)
    agent.look_away(True)
    talk.vote(asked, 3)
    expect(agent.bands).to_contain_text("Good")
    expect(count(agent)).to_have_text(", unread: 3")
    agent.look_away(False)
    expect(count(agent)).to_have_text(", unread: 2")


def test_what_could_not_be_told_is_told_with_the_next_look(
    signed_in: Callable[..., Agent], rated: list[Talk], watch: Watch
) -> None:
    watch.expect(failed("/seen"))
    agent = signed_in()
    agent.open()
    agent.page.route("**/seen", lambda route: route.abort())
    agent.page.get_by_role("link", name="Order 17").click()
    expect(agent.bands).to_have_count(1)
    expect(count(agent)).to_have_text(", unread: 2")
    agent.page.unroute("**/seen")
    agent.look_away(False)
    expect(count(agent)).to_have_text(", unread: 1")


def test_all_at_once_and_what_is_left_says_so(signed_in: Callable[..., Agent], rated: list[Talk]) -> None:
    agent = signed_in()
    agent.open()
    agent.page.get_by_role("link", name="Unread", exact=True).click()
    expect(agent.rows).to_have_count(2)
    agent.page.get_by_role("button", name="Mark all as seen").click()
    expect(agent.page.get_by_text("Every answer was looked at.")).to_be_visible()
    expect(count(agent)).to_have_count(0)


def test_what_one_reads_stays_in_the_list_of_unread_ones_until_another_is_opened(
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
    agent.page.get_by_role("button", name="Mark as seen").click()
    expect(agent.page.get_by_role("button", name="Mark as seen")).to_have_count(0)
    expect(unread(agent)).to_contain_text(["Order 18"])
    assert "status=unread" in agent.page.url
