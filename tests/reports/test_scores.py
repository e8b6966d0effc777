"""How an agent's ratings go, with and without excluded votes; to the agent only what they may see."""

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
#: The clock of the tests stands at Tuesday 3 March 2026.
MONDAY, NEXT, MARCH, APRIL = "2026-03-02", "2026-03-30", "2026-03-01", "2026-04-01"


@pytest.fixture
def votes(make: Make, site: MadeSite, talks: Any, clock: SetClock) -> list[str]:
    """Of Ann: good, bad and bad on one day, good four weeks later; of Ben a good one."""
    for name in ("ann", "ben"):
        make.agent(site, name, name.title())
    for agent, score, days in (("ann", 3, 0), ("ann", 1, 0), ("ann", 1, 0), ("ben", 3, 0), ("ann", 3, 29)):
        clock.forward(days=days, seconds=1)
        talk = talks()
        talk.say("visitor")
        talk.say("agent", agent=agent)
        talk.vote(talk.ask(), score)
    return [vote["id"] for vote in done(talk.api.get("/votes"))["votes"]]


def told(api: Api, query: str = "", agent: str = "ann") -> dict[str, list[int]]:
    """Positive, neutral and negative of each period and of all."""
    answer = done(api.get(f"/agents/{agent}/scores?{query}"))
    rows = {period["start"]: period for period in answer["periods"]} | {"total": answer["total"]}
    return {start: [row["positive"], row["neutral"], row["negative"]] for start, row in rows.items()}


@ON_BOTH
def test_by_week_and_by_month(api: Api, votes: list[str]) -> None:
    assert told(api) == {MONDAY: [1, 0, 2], NEXT: [1, 0, 0], "total": [2, 0, 2]}
    assert told(api, "by=month") == {MARCH: [1, 0, 2], APRIL: [1, 0, 0], "total": [2, 0, 2]}
    assert told(api, "by=day&since=2026-03-04") == {APRIL: [1, 0, 0], "total": [1, 0, 0]}
    assert told(api, "by=day&until=2026-03-03") == {"total": [0, 0, 0]}
    total = done(api.get("/agents/ann/scores"))["total"]
    assert (total["answered"], total["satisfied"]) == (4, 0.5)
    assert [round(end, 3) for end in total["interval"]] == [0.15, 0.85]
    assert done(api.get("/agents/ann/scores?until=2026-01-01"))["total"]["satisfied"] is None


@ON_BOTH
def test_excluded_ones_are_left_out_or_in(api: Api, votes: list[str]) -> None:
    bad = next(vote for vote in done(api.get("/votes?score=1"))["votes"])["id"]
    done(api.post(f"/votes/{bad}/exclude", {"reason": "a test"}))
    assert told(api)["total"] == [2, 0, 1]
    assert told(api, "excluded=with")["total"] == [2, 0, 2]
    done(api.post(f"/votes/{bad}/restore"))
    assert told(api)["total"] == [2, 0, 2]


@ON_BOTH
def test_a_shared_one_counts_for_each(api: Api, votes: list[str], talks: Any) -> None:
    talk = talks()
    talk.say("visitor")
    talk.say("agent", agent="ann")
    talk.say("agent", agent="ben")
    talk.vote(talk.ask(), 2)
    assert [told(api, agent=agent)["total"][1] for agent in ("ann", "ben")] == [1, 1]


def test_another_sites_agent_is_not_there_and_nonsense_is_named(api: Api, votes: list[str], make: Make) -> None:
    assert make.back_end(make.site()).get("/agents/ann/scores").status_code == 404
    wrong = {"by=year": "/by", "excluded=only": "/excluded", "since=yesterday": "/since", "x=1": "/x"}
    for query, pointer in wrong.items():
        assert done(api.get(f"/agents/ann/scores?{query}"), 422)["pointer"] == pointer


def own(client: FlaskClient, site: MadeSite, query: str = "", agent: str = "ann") -> Any:
    headers = {"Authorization": f"Bearer {signed(site, agent, '')}"}
    return client.get(f"/agent/scores?{query}", headers=headers)


@ON_BOTH
def test_an_agent_sees_their_own_and_what_is_hidden_from_them_is_left_out(
    client: FlaskClient, api: Api, site: MadeSite, votes: list[str], clock: SetClock
) -> None:
    def starts() -> list[str]:
        return [period["start"] for period in done(own(client, site))["periods"]]

    assert starts() == [MONDAY, NEXT]
    assert [period["positive"] for period in done(own(client, site, agent="ben"))["periods"]] == [1]
    assert own(client, site, "by=year").get_json()["pointer"] == "/by"
    done(api.patch("/site", {"agents_see_after_days": 7}))
    assert starts() == [MONDAY]
    clock.forward(days=8)
    assert starts() == [MONDAY, NEXT]
    done(api.patch("/site", {"agents_see": "none"}))
    assert starts() == []


def test_the_examples_of_the_sums_hold() -> None:
    done_with = doctest.testmod(module)
    assert (done_with.failed, done_with.attempted > 2) == (0, True)
