"""Agents who sign in see their own ratings and trend, as far as the site shows them, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.agent.test_ratings import read as read_with_token
from tests.back_end import Api, done
from tests.conversations.talk import Talk
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from tests.sample_site import address, build, calls

from .conftest import Console
from .html import read
from .test_passwords import EMAIL, Team, config, sign_in, team
from .test_users import site_id

__all__ = ["config", "team"]
OTHERS = ("comment-of-ben", "comment-of-both", "Ben", "visitor-name", "title-of-chat")


@pytest.fixture
def chats(make: Make, site: MadeSite, talks: Any) -> dict[str, Talk]:
    """Return rated chats of Ann, of Ben, and one that Ben took over from Ann after its first segment."""
    make.agent(site, "ann", "Ann", email="Ann@Shop.example", team="North")
    make.agent(site, "ben", "Ben", email="ben@shop.example", team="North")
    chats_by_agent = {}
    for name in ("ann", "ben"):
        talk = chats_by_agent[name] = talks(title="title-of-chat", visitor="visitor-name")
        talk.say("visitor", f"question-for-{name}")
        talk.say("agent", agent=name)
        talk.vote(talk.ask(), 3, comment=f"comment-of-{name}")
    shared = chats_by_agent["both"] = talks()
    shared.say("visitor")
    shared.say("agent", agent="ann")
    shared.vote(shared.ask(), 1, comment="first-of-both")
    for _ in range(3):
        shared.say("visitor", "Once more")
        shared.say("agent", agent="ben")
    shared.vote(shared.ask(), 3, comment="comment-of-both")
    return chats_by_agent


@pytest.fixture
def ann(app: Flask, team: Team, site: MadeSite) -> Console:
    return team.join(EMAIL, "agent", site_id(app, site.key))


def page_of(browser: Console, site: MadeSite, **query: str) -> str:
    return browser.get(f"{site.key}/my-ratings", query_string=query).get_data(as_text=True)


@ON_BOTH
def test_an_agent_sees_their_own_ratings_and_trend(ann: Console, site: MadeSite, chats: dict[str, Talk]) -> None:
    page = ann.read(f"{site.key}/my-ratings")
    assert [quote.text for quote in page.all("q")] == ["first-of-both", "comment-of-ann"]
    figures = {one.one("h2").text: one.text for one in page.all("section", klass="figure")}
    assert "1 positive" in figures["Total"] and "1 negative" in figures["Total"]
    for text in OTHERS:
        assert text not in page_of(ann, site), text


def test_the_site_decides_for_the_console_and_for_agent_tokens_alike(
    ann: Console, api: Api, client: FlaskClient, site: MadeSite, chats: dict[str, Talk], clock: SetClock
) -> None:
    token = done(api.post("/agent-tokens", {"agent": "ann"}))["token"]
    for settings, is_shown in (
        ({"agents_see": "own"}, True),
        ({"agents_see": "team"}, True),
        ({"agents_see": "all"}, True),
        ({"agents_see": "none"}, False),
        ({"agents_see": "own", "agents_see_after_days": 2}, False),
    ):
        done(api.patch("/site", settings))
        page = page_of(ann, site)
        by_token = read_with_token(client, token, chats["ann"].id)
        shown_by_token = "comment-of-ann" in by_token.get_data(as_text=True)
        assert ("comment-of-ann" in page, shown_by_token) == (is_shown, is_shown), settings
        total = [one.text for one in read(page).all("section", klass="figure")][:1]
        assert ["1 positive" in text for text in total] == ([is_shown] if settings["agents_see"] != "none" else []), (
            total
        )
        assert not [text for text in OTHERS if text in page], settings
    clock.forward(days=3)
    sign_in(ann)
    assert "comment-of-ann" in page_of(ann, site)


@ON_BOTH
def test_an_owner_names_the_agent_whom_a_user_is(
    app: Flask, team: Team, make: Make, site: MadeSite, chats: dict[str, Talk]
) -> None:
    operator = make.operator()
    other = make.site(name="Other")
    zoe = team.join("zoe@shop.example", "agent", site_id(app, site.key))
    assert "not linked to an agent" in page_of(zoe, site)
    (user,) = done(operator.get("/users"))["users"]
    role = {"role": "agent", "site": site.key}
    assert operator.put(f"/users/{user['id']}/role", {**role, "agent": "nobody"}).status_code == 422
    assert operator.put(f"/users/{user['id']}/role", {"role": "agent", "agent": "ben"}).status_code == 422
    assert operator.put(f"/users/{user['id']}/role", {**role, "site": other.key, "agent": "ben"}).status_code == 422
    user = done(operator.put(f"/users/{user['id']}/role", {**role, "agent": "ben"}))
    assert user["memberships"] == [{"role": "agent", "site": site.key, "agent": "ben"}]
    sign_in(zoe, "zoe@shop.example")
    page = page_of(zoe, site)
    assert "comment-of-ben" in page and "comment-of-ann" not in page


@ON_BOTH
def test_an_address_belongs_to_one_agent_of_a_site(api: Api, make: Make, site: MadeSite) -> None:
    make.agent(site, "ann", email="Ann@shop.example")
    assert done(api.put("/agents/ann", {}))["email"] == "ann@shop.example"
    refused = api.put("/agents/other", {"email": "ann@SHOP.example"})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "email_taken")
    done(api.put("/agents/ann", {"email": None}))
    done(api.put("/agents/other", {"email": "ann@shop.example"}))
    make.agent(make.site(name="Other"), "ann", email="ann@shop.example")


@ON_BOTH
def test_older_ratings_are_on_further_pages(
    ann: Console, site: MadeSite, make: Make, talks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("widget_server.console.my_ratings.views.PAGE_SIZE", 2)
    make.agent(site, "ann", "Ann", email="ann@shop.example")
    for number in range(5):
        talk = talks()
        talk.say("visitor")
        talk.say("agent", agent="ann")
        talk.vote(talk.ask(), 3, comment=f"number-{number}")
    comments, address = [], f"{site.key}/my-ratings"
    while True:
        page = ann.read(address)
        comments += [quote.text for quote in page.all("q")]
        older = [link for link in page.all("a") if link.text == "Older ›"]
        if not older:
            break
        address = older[0]["href"].removeprefix("/console/")
    assert comments == [f"number-{number}" for number in (4, 3, 2, 1, 0)]


def test_an_agent_opens_no_other_page_of_the_site(
    app: Flask, client: FlaskClient, api: Api, make: Make, site: MadeSite, team: Team
) -> None:
    """Walk the URL map: each page with a site is refused, except those that the role has."""
    world = build(app, client, api, make, site)
    ann = team.join("agent@shop.example", "agent", site_id(app, site.key))
    own_pages = {"console.site", "console.my_ratings"}
    for rule, method, who, _ in calls(app):
        if who == "console" and "key" in rule.arguments and rule.endpoint not in own_pages:
            status = ann.client.open(address(rule, world.own), method=method).status_code
            assert status == 403, (str(rule), method, status)
    assert ann.get("").headers["Location"] == f"/console/{site.key}/my-ratings"
    names = [link.text.split()[0] for link in ann.read(f"{site.key}/my-ratings").one("nav", klass="places").all("a")]
    assert names == ["My"]


def test_admins_who_are_agents_have_the_page_besides_their_others(
    app: Flask, team: Team, site: MadeSite, chats: dict[str, Talk], console: Console
) -> None:
    ben = team.join("ben@shop.example", "admin")
    links = [link.text for link in ben.read(f"{site.key}/conversations").one("nav", klass="places").all("a")]
    assert "My ratings" in links and "comment-of-ben" in page_of(ben, site)
    links = [link.text for link in console.read(f"{site.key}/conversations").one("nav", klass="places").all("a")]
    assert "My ratings" not in links
