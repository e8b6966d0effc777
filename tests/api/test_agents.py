"""Tests of the agents of a site."""

from __future__ import annotations

from typing import Any

import pytest

from tests.back_end import Api
from tests.databases import ON_BOTH
from tests.factories import Make
from tests.frozen_clock import SetClock


@ON_BOTH
def test_an_agent_is_created_changed_and_listed(api: Api) -> None:
    api.put("/agents/a1", {"name": "Sam", "team": "North", "visitor": "sam@shop"})
    api.put("/agents/a%2F2", {})

    api.put("/agents/a1", {"name": "Samuel"})

    names = ("external_id", "name", "team", "visitor")
    agents = [{name: agent[name] for name in names} for agent in api.get("/agents").get_json()["agents"]]
    assert agents == [
        {"external_id": "a1", "name": "Samuel", "team": "North", "visitor": "sam@shop"},
        {"external_id": "a/2", "name": "a/2", "team": None, "visitor": None},
    ]
    assert api.put("/agents/a1", {"team": None, "visitor": None}).get_json()["team"] is None


REJECTED: list[tuple[dict[str, Any], str]] = [
    ({"name": None}, "/name"),
    ({"name": ""}, "/name"),
    ({"name": "x" * 201}, "/name"),
    ({"name": "a\nb"}, "/name"),
    ({"team": 1}, "/team"),
    ({"visitor": ""}, "/visitor"),
    ({"visitor_external_id": "x"}, "/visitor_external_id"),
    ({"external_id": "x"}, "/external_id"),
    ({"role": "owner"}, "/role"),
]


def test_a_wrong_agent_is_rejected_and_not_created(api: Api, subtests: pytest.Subtests) -> None:
    for fields, pointer in REJECTED:
        with subtests.test(fields=fields):
            answer = api.put("/agents/a1", fields)

            assert (answer.status_code, answer.get_json()["pointer"]) == (422, pointer)
            assert api.get("/agents").get_json()["agents"] == []


@ON_BOTH
def test_an_agents_tokens_are_revoked_from_now_on(api: Api, clock: SetClock) -> None:
    assert api.put("/agents/a1", {}).get_json()["valid_after"] is None
    for _ in range(2):
        clock.forward(hours=1)
        answer = api.post("/agents/a1/revoke")
        assert (answer.status_code, answer.get_json()["valid_after"]) == (200, f"2026-03-03T{clock.now():%H}:00:00Z")
    assert api.put("/agents/a1", {"name": "Sam"}).get_json()["valid_after"] == "2026-03-03T12:00:00Z"


def test_an_agent_of_another_site_is_not_revoked(api: Api, make: Make) -> None:
    api.put("/agents/a1", {})
    stranger = make.back_end(make.site(name="Other"))

    foreign, missing = stranger.post("/agents/a1/revoke"), stranger.post("/agents/a9/revoke")

    assert (foreign.status_code, foreign.data) == (404, missing.data)
    assert api.get("/agents").get_json()["agents"][0]["valid_after"] is None


def test_agents_of_another_site_are_not_listed(api: Api, make: Make) -> None:
    api.put("/agents/a1", {"name": "Sam"})

    assert make.back_end(make.site(name="Other")).get("/agents").get_json()["agents"] == []
