"""The ratings that an agent may see, and from when on; the page and the stream agree."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.agent.test_decisions import decide
from tests.agent.test_ratings import read, signed
from tests.back_end import Api, done
from tests.conversations.conftest import talks
from tests.conversations.talk import Talk
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from tests.widget.conftest import page, survey
from widget_server.accounts.live_tokens import grant_to_agent
from widget_server.conversations.agents import find_agent
from widget_server.conversations.queries import get_conversation
from widget_server.core import clock as product_clock
from widget_server.live.access import ValidGrants
from widget_server.storage.db import engines

__all__ = ["page", "survey", "talks"]
#: (the site's setting, the token's agent, the agent of the conversation that it names, agents whose chats it opens)
VISIBLE = [
    ("own", "ann", None, "ann"),
    ("team", "ann", None, "ann ben"),
    ("all", "ann", None, "ann ben eve mia"),
    ("none", "ann", None, ""),
    # Mia and Zoe have no team, and are not one.
    ("team", "zoe", None, ""),
    ("team", "mia", None, "mia"),
    # A token that names a conversation opens that one.
    ("own", "ann", "eve", "eve"),
    ("all", "ann", "eve", "eve"),
    ("none", "ann", "eve", ""),
]
TEAMS = {"ann": "North", "ben": "North", "eve": "South", "mia": None, "zoe": None}


@pytest.fixture
def chats(api: Api, make: Make, site: MadeSite, talks: Any, clock: SetClock) -> dict[str, Talk]:
    """Return a rated chat of each agent."""
    chats_by_agent = {}
    for name, team in TEAMS.items():
        make.agent(site, name, name.title(), team=team)
    for name in ("ann", "ben", "eve", "mia"):
        talk = talks()
        talk.say("visitor")
        talk.say("agent", agent=name)
        talk.vote(talk.ask(), 3)
        chats_by_agent[name] = talk
    return chats_by_agent


def opened(client: FlaskClient, chats: dict[str, Talk], token: str) -> str:
    answers = {name: read(client, token, talk.id).status_code for name, talk in chats.items()}
    assert set(answers.values()) <= {200, 404}
    return " ".join(name for name, status in answers.items() if status == 200)


def streamed_chats(app: Flask, site: MadeSite, chats: dict[str, Talk], agent: str, bound: str | None = None) -> str:
    """Return the agents of the chats whose events the agent's stream receives."""
    with app.app_context(), engines().read.connect() as connection:
        ids = {name: get_conversation(site.id, talk.id).id for name, talk in chats.items()}
        row = find_agent(site.id, agent)
        assert row is not None
        grant = grant_to_agent(site.id, row.id, ids[bound] if bound else None, product_clock.now())
        valid_grants = ValidGrants(connection, [grant], product_clock.now())
        open_ids = valid_grants.find_visible(connection, grant, set(ids.values()))
    return " ".join(name for name in ids if ids[name] in open_ids)


@ON_BOTH
def test_a_token_opens_what_the_site_says(
    app: Flask, client: FlaskClient, api: Api, site: MadeSite, chats: dict[str, Talk], subtests: pytest.Subtests
) -> None:
    for setting, agent, bound, visible_agents in VISIBLE:
        with subtests.test(agents_see=setting, agent=agent, bound=bound):
            done(api.patch("/site", {"agents_see": setting}))
            assert opened(client, chats, signed(site, agent, chats[bound].id if bound else "")) == visible_agents
            assert streamed_chats(app, site, chats, agent, bound) == visible_agents


@ON_BOTH
def test_a_rating_is_visible_once_its_segment_is_old_enough(
    app: Flask, client: FlaskClient, api: Api, site: MadeSite, chats: dict[str, Talk], clock: SetClock
) -> None:
    done(api.patch("/site", {"agents_see_after_days": 7}))
    talk = chats["ann"]

    def statuses() -> list[str]:
        return [part["status"] for part in done(read(client, signed(site, "ann", ""), talk.id))["ratings"]]

    assert (statuses(), streamed_chats(app, site, chats, "ann")) == ([], "")
    clock.forward(days=6, hours=23)
    talk.say("visitor", "One more thing")
    assert statuses() == ["open"]
    clock.forward(hours=1)
    assert statuses() == ["rated", "open"]
    assert "Good" not in read(client, signed(site, "ben", ""), talk.id).text


def test_agents_who_see_no_ratings_may_act_on_their_own_chats(
    client: FlaskClient, api: Api, site: MadeSite, chats: dict[str, Talk], talks: Any
) -> None:
    done(api.patch("/site", {"agents_see": "none"}))
    talk = talks()
    talk.say("agent", agent="ann")
    token = signed(site, "ann", "")
    assert read(client, token, talk.id).status_code == 404
    assert decide(client, token, "ask", conversation=talk.id).status_code == 200
    assert decide(client, token, "ask", conversation=chats["eve"].id).status_code == 404


def test_invalid_settings_are_refused(api: Api) -> None:
    for fields in ({"agents_see": "some"}, {"agents_see_after_days": -1}, {"agents_see_after_days": 366}):
        assert done_pointer(api.patch("/site", fields)) == f"/{next(iter(fields))}"


def done_pointer(answer: Any) -> str:
    assert answer.status_code == 422
    return str(answer.get_json()["pointer"])
