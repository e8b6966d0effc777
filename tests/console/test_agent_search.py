"""Agents of the same name have different ids beside it, and are found among hundreds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.back_end import Api
from tests.conversations.talk import Talk
from tests.factories import MadeSite
from widget_server.conversations.models import Agent
from widget_server.core import clock
from widget_server.storage.db import db

from .conftest import Desk
from .html import Element

Talks = Callable[..., Talk]
MANY = 250


def input_of(page: Element, name: str) -> str:
    """Return the value of the input with this name."""
    (field,) = (field for field in page.all("input") if field.attributes.get("name") == name)
    return field["value"]


@pytest.fixture
def many_agents(app: Flask, site: MadeSite) -> None:
    """Make 250 agents; the last three by name have the names that tests search for."""
    names = [f"Agent {n:03}" for n in range(MANY - 3)] + ["Zoë Ørsted", "Zoë Smith", "Zoë Smith"]
    with app.app_context():
        for n, name in enumerate(names):
            db.session.add(Agent(site_id=site.id, external_id=f"a{n:03}", name=name, created_at=clock.now()))
        db.session.commit()


def test_the_agents_page_is_searched(desk: Desk, many_agents: None, subtests: pytest.Subtests) -> None:
    for words, ids in {
        "zoë ØRSTED": ["a247"],
        "smith": ["a248", "a249"],
        "A123": ["a123"],
        "no such": [],
    }.items():
        with subtests.test(words=words):
            page = desk.console.read(f"{desk.site.key}/agents", query_string={"q": words})
            shown_ids = [item.one("p").text.removeprefix("ID ") for item in page.all("div", klass="who")]
            assert shown_ids == ids
            assert input_of(page, "q") == words
    assert (
        "No agents match this search." in desk.console.read(f"{desk.site.key}/agents", query_string={"q": "x y"}).text
    )
    desk.console.read(f"{desk.site.key}/agents", query_string={"q": "x" * 201}, status=422)


def test_a_search_keeps_the_period_and_its_pages(desk: Desk, many_agents: None) -> None:
    page = desk.console.read(f"{desk.site.key}/agents", query_string={"q": "agent", "by": "day"})
    assert input_of(page, "by") == "day"
    (next_link,) = [link for link in page.all("a") if link.text.startswith("Next")]
    assert "q=agent" in next_link["href"] and "by=day" in next_link["href"]


def test_an_agent_of_a_large_site_is_entered_in_the_filter(desk: Desk, many_agents: None, talks: Talks) -> None:
    for agent in ("a247", "a248", "a249"):
        talk = talks(title=f"Chat of {agent}")
        talk.say("visitor")
        talk.say("agent", agent=agent)
    assert desk.titles(agent="a249") == ["Chat of a249"]
    assert desk.titles(agent="ørsted") == ["Chat of a247"], "the words of one agent"
    page = desk.console.read(f"{desk.site.key}/conversations", query_string={"agent": "smith"})
    matches = page.one("ul", aria_label="Matching agents")
    assert [link.text for link in matches.all("a")] == ["Agent: Zoë Smith (a248)", "Agent: Zoë Smith (a249)"]
    assert next(matches.all("a"))["href"].endswith("agent=a248")
    assert input_of(page, "agent") == "smith"


def test_every_place_that_names_an_agent_has_the_id(desk: Desk, api: Api, talks: Talks, site: MadeSite) -> None:
    for external_id in ("s1", "s2"):
        api.put(f"/agents/{external_id}", {"name": "Sam"})
    talk = talks()
    talk.say("visitor")
    talk.say("agent", agent="s2")
    talk.vote(talk.ask(), 3)
    transcript = desk.transcript(talk.read()["id"])
    assert "answered by Sam (s2)" in transcript.text
    assert "Credited to Sam (s2)" in transcript.one("aside").text
    assert "s2" in [item.attributes.get("title") for item in transcript.all("bdi")]
    (segment,) = talk.segments()
    assert (segment["agents"], segment["agent_ids"]) == (["Sam"], ["s2"])
    assert (segment["credited_ids"], segment["messages"][1]["agent_id"]) == (["s2"], "s2")
    (vote,) = api.get("/votes").get_json()["votes"]
    assert (vote["agents"], vote["agent_ids"]) == (["Sam"], ["s2"])
    options = {option.text for option in desk.console.read(f"{site.key}/conversations").all("option")}
    assert {"Sam (s1)", "Sam (s2)"} <= options


def test_a_context_frozen_without_ids_has_them_too(app: Flask, api: Api, talks: Talks) -> None:
    api.put("/agents/s1", {"name": "Sam"})
    talk = talks()
    talk.say("visitor")
    talk.say("agent", agent="s1")
    talk.vote(talk.ask(), 3)
    with app.app_context():
        invitations = db.metadatas[None].tables["invitation"]
        (context,) = db.session.scalars(invitations.select().with_only_columns(invitations.c.context))
        for name in ("agents", "credited"):
            context[name][0].pop("external_id")
        db.session.execute(invitations.update().values(context=context))
        db.session.commit()
    assert (talk.segments()[0]["agent_ids"], talk.segments()[0]["credited_ids"]) == (["s1"], ["s1"])
    assert api.get("/votes").get_json()["votes"][0]["agent_ids"] == ["s1"]
