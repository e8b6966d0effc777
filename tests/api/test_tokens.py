"""Tests of the tokens for live ratings in an agent's page."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.api.conftest import Chat
from tests.back_end import Api
from tests.factories import Make
from tests.frozen_clock import SetClock
from widget_server.accounts import live_tokens
from widget_server.core import clock as product_clock


def test_a_token_is_for_an_agent_and_a_conversation_and_valid_for_15_minutes(
    app: Flask, clock: SetClock, api: Api, chat: Chat
) -> None:
    agent = api.put("/agents/a1", {"name": "Sam"}).get_json()

    answer = api.post("/agent-tokens", {"agent": "a1", "conversation": "c1"})

    new_token = answer.get_json()
    grant = live_tokens.read_token(app.config["SECRET_KEYS"], new_token["token"], product_clock.now())
    assert answer.status_code == 201
    assert (str(grant.agent_id), str(grant.conversation_id)) == (agent["id"], chat.read()["id"])
    assert new_token["expires_at"] == "2026-03-03T10:15:00Z"


REJECTED: list[tuple[dict[str, Any], str]] = [
    ({}, "/agent"),
    ({"agent": "nobody"}, "/agent"),
    ({"agent": "a1", "conversation": "none"}, "/conversation"),
    ({"agent": "a1", "site_id": "x"}, "/site_id"),
    ({"agent": "a1", "seconds": 86400}, "/seconds"),
]


def test_a_token_for_an_unknown_agent_or_conversation_is_rejected(api: Api, subtests: pytest.Subtests) -> None:
    api.put("/agents/a1", {"name": "Sam"})
    for body, pointer in REJECTED:
        with subtests.test(body=body):
            assert api.post("/agent-tokens", body).get_json()["pointer"] == pointer


def test_another_sites_agent_and_conversation_are_like_missing_ones(api: Api, chat: Chat, make: Make) -> None:
    api.put("/agents/a1", {"name": "Sam"})
    stranger = Api(api.client, make.site(name="Other").api_key)

    foreign, missing = (stranger.post("/agent-tokens", {"agent": name}) for name in ("a1", "a9"))
    assert (foreign.status_code, foreign.data) == (422, missing.data)

    stranger.put("/agents/b1", {"name": "Kim"})
    foreign, missing = (stranger.post("/agent-tokens", {"agent": "b1", "conversation": c}) for c in ("c1", "c9"))
    assert (foreign.status_code, foreign.data) == (422, missing.data)
