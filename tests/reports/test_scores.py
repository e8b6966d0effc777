"""Scores of agents over time, with and without excluded votes; an agent sees only their visible ones."""

from __future__ import annotations

import doctest
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.agent.test_ratings import signed
from tests.back_end import Api
from tests.conversations.conftest import talks
from tests.conversations.talk import done
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from tests.widget.conftest import page, survey
from widget_server.reports import scores as module

__all__ = ["page", "survey", "talks"]
#: First days of periods; the clock of the tests shows Tuesday 3 March 2026.
FIRST_WEEK, LAST_WEEK, MARCH, APRIL = "2026-03-02", "2026-03-30", "2026-03-01", "2026-04-01"


@pytest.fixture
def votes(make: Make, site: MadeSite, talks: Any, clock: SetClock) -> list[str]:
    """Store votes: Ann's positive and two negative ones on one day, Ben's positive, Ann's positive four weeks later."""
    for name in ("ann", "ben"):
        make.agent(site, name, name.title())
    for agent, score, days in (("ann", 3, 0), ("ann", 1, 0), ("ann", 1, 0), ("ben", 3, 0), ("ann", 3, 29)):
        clock.forward(days=days, seconds=1)
        talk = talks()
        talk.say("visitor")
        talk.say("agent", agent=agent)
        talk.vote(talk.ask(), score)
    return [vote["id"] for vote in done(talk.api.get("/votes"))["votes"]]


def scores_of(api: Api, query: str = "", agent: str = "ann") -> dict[str, list[int]]:
    """Return [positive, neutral, negative] of each period by its first day, and of "total"."""
    body = done(api.get(f"/agents/{agent}/scores?{query}"))
    rows = {period["start"]: period for period in body["periods"]} | {"total": body["total"]}
    return {start: [row["positive"], row["neutral"], row["negative"]] for start, row in rows.items()}


@ON_BOTH
def test_by_week_and_by_month(api: Api, votes: list[str]) -> None:
    assert scores_of(api) == {FIRST_WEEK: [1, 0, 2], LAST_WEEK: [1, 0, 0], "total": [2, 0, 2]}
    assert scores_of(api, "by=month") == {MARCH: [1, 0, 2], APRIL: [1, 0, 0], "total": [2, 0, 2]}
    assert scores_of(api, "by=day&since=2026-03-04") == {APRIL: [1, 0, 0], "total": [1, 0, 0]}
    assert scores_of(api, "by=day&until=2026-03-03") == {"total": [0, 0, 0]}
    total = done(api.get("/agents/ann/scores"))["total"]
    assert (total["answered"], total["satisfied"]) == (4, 0.5)
    assert [round(end, 3) for end in total["interval"]] == [0.15, 0.85]
    assert done(api.get("/agents/ann/scores?until=2026-01-01"))["total"]["satisfied"] is None


@ON_BOTH
def test_excluded_votes_are_left_out_or_included(api: Api, votes: list[str]) -> None:
    negative_vote = next(vote for vote in done(api.get("/votes?score=1"))["votes"])["id"]
    done(api.post(f"/votes/{negative_vote}/exclude", {"reason": "a test"}))
    assert scores_of(api)["total"] == [2, 0, 1]
    assert scores_of(api, "excluded=with")["total"] == [2, 0, 2]
    done(api.post(f"/votes/{negative_vote}/restore"))
    assert scores_of(api)["total"] == [2, 0, 2]


@ON_BOTH
def test_a_shared_vote_counts_for_each_agent(api: Api, votes: list[str], talks: Any) -> None:
    talk = talks()
    talk.say("visitor")
    talk.say("agent", agent="ann")
    talk.say("agent", agent="ben")
    talk.vote(talk.ask(), 2)
    assert [scores_of(api, agent=agent)["total"][1] for agent in ("ann", "ben")] == [1, 1]


def test_another_sites_agent_is_not_found_and_an_invalid_query_is_named(api: Api, votes: list[str], make: Make) -> None:
    assert make.back_end(make.site()).get("/agents/ann/scores").status_code == 404
    invalid_queries = {"by=year": "/by", "excluded=only": "/excluded", "since=yesterday": "/since", "x=1": "/x"}
    for query, pointer in invalid_queries.items():
        assert done(api.get(f"/agents/ann/scores?{query}"), 422)["pointer"] == pointer


def get_own_scores(client: FlaskClient, site: MadeSite, query: str = "", agent: str = "ann") -> Any:
    """Request an agent's scores with a token of that agent."""
    headers = {"Authorization": f"Bearer {signed(site, agent, '')}"}
    return client.get(f"/agent/scores?{query}", headers=headers)


@ON_BOTH
def test_an_agent_sees_their_own_scores_without_hidden_ratings(
    client: FlaskClient, api: Api, site: MadeSite, votes: list[str], clock: SetClock
) -> None:
    def starts() -> list[str]:
        return [period["start"] for period in done(get_own_scores(client, site))["periods"]]

    assert starts() == [FIRST_WEEK, LAST_WEEK]
    assert [period["positive"] for period in done(get_own_scores(client, site, agent="ben"))["periods"]] == [1]
    assert get_own_scores(client, site, "by=year").get_json()["pointer"] == "/by"
    done(api.patch("/site", {"agents_see_after_days": 7}))
    assert starts() == [FIRST_WEEK]
    clock.forward(days=8)
    assert starts() == [FIRST_WEEK, LAST_WEEK]
    done(api.patch("/site", {"agents_see": "none"}))
    assert starts() == []


def test_the_examples_of_the_docstrings_hold() -> None:
    results = doctest.testmod(module)
    assert (results.failed, results.attempted > 2) == (0, True)
