"""Direct invitations and their votes, without a conversation and a browser."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.back_end import Api
from tests.conversations.concurrency import at_once
from tests.conversations.rows import wrong_counts
from tests.conversations.talk import done
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from tests.widget.conftest import press_id


@pytest.fixture(autouse=True)
def open_survey(make: Make, site: MadeSite) -> None:
    make.survey(site, window_hours=48)
    make.agent(site, "sam", "Sam", visitor="sam@shop")
    make.agent(site, "mia", "Mia")


def invite(api: Api, name: str = "call-1", status: int = 200, **fields: Any) -> Any:
    return done(api.put(f"/invitations/{name}", fields), status)


def vote(client: FlaskClient, site: MadeSite, invitation: Any, score: int | None = 3, **more: Any) -> Any:
    body = {"token": invitation["token"], "revision": invitation["asks"]["id"], "id": press_id(), "rev": 1, "age_ms": 0}
    return client.post(f"/w/{site.key}/votes", json={**body, "score": score, **more})


@ON_BOTH
def test_the_same_id_is_one_invitation_and_one_vote(app: Flask, client: FlaskClient, api: Api, site: MadeSite) -> None:
    first = invite(api, channel="phone", visitor="ann", agents=["sam", "mia"])
    again = invite(api, channel="email")
    assert (again["id"], again["token"], again["channel"]) == (first["id"], first["token"], "phone")
    submission_id = press_id()
    for _ in range(2):
        assert done(vote(client, site, first, 1, id=submission_id))["status"] == "saved"
    invitation = done(api.get("/invitations/call-1"))
    assert (invitation["status"], "token" in invitation) == ("voted", False)
    (stored_vote,) = done(api.get("/votes?subject=call-1&kind=invitation"))["votes"]
    assert (stored_vote["id"], stored_vote["visitor"], stored_vote["verified"], stored_vote["agents"]) == (
        invitation["vote"],
        "ann",
        True,
        ["Sam", "Mia"],
    )
    assert wrong_counts(app) == []


def test_credit_follows_the_sites_rule(client: FlaskClient, api: Api, site: MadeSite) -> None:
    done(api.patch("/site", {"credit": "closer"}))
    done(vote(client, site, invite(api, agents=["sam", "mia", "sam"])))
    assert done(api.get("/votes"))["votes"][0]["agents"] == ["Mia"]


@ON_BOTH
def test_concurrent_invitations_with_one_id_are_one(app: Flask, api: Api) -> None:
    for number in range(4):
        calls: list[Callable[[], Any]] = [partial(invite, api, f"at-once-{number}")] * 3
        assert len({answer["id"] for answer in at_once(calls)}) == 1
    assert wrong_counts(app) == []


def test_an_impossible_invitation_is_rejected(api: Api) -> None:
    assert invite(api, status=409, visitor="sam@shop")["code"] == "staff"
    assert invite(api, status=422, agents=["unknown"])["pointer"] == "/agents/0"
    assert invite(api, status=422, channel="pigeon")["pointer"] == "/channel"
    assert invite(api, status=422, browser="0" * 64)["pointer"] == "/browser"
    survey = done(api.get("/surveys"))["surveys"][0]
    done(api.patch(f"/surveys/{survey['id']}", {"closed": True}))
    assert invite(api, status=409)["code"] == "no_survey"
    assert api.get("/invitations/call-1").status_code == 404


def test_a_token_is_valid_for_its_invitation_and_site(
    client: FlaskClient, api: Api, site: MadeSite, make: Make
) -> None:
    invitation = invite(api)
    assert make.back_end(make.site()).get("/invitations/call-1").status_code == 404
    assert vote(client, make.site(), invitation).status_code == 403
    assert vote(client, site, {**invitation, "token": invitation["token"][:-2] + "AA"}).status_code == 403
    assert done(api.get("/votes"))["votes"] == []


def test_an_invitation_expires(client: FlaskClient, api: Api, site: MadeSite, clock: SetClock) -> None:
    invitation = invite(api)
    clock.forward(hours=49)
    assert vote(client, site, invitation).get_json()["code"] == "expired"


@ON_BOTH
def test_erasing_the_visitor_leaves_the_count(app: Flask, client: FlaskClient, api: Api, site: MadeSite) -> None:
    invitation = invite(
        api, "kirstens-call", visitor="kirsten", customer_reference="C-1", custom_fields={"plan": "gold"}
    )
    done(vote(client, site, invitation, 1, comment="Call Kirsten"))
    done(api.post("/visitors/kirsten/erase"))
    votes_text = str(done(api.get("/votes")))
    assert not any(word in votes_text for word in ("kirsten", "Kirsten", "C-1", "gold"))
    assert api.get("/invitations/kirstens-call").status_code == 404
    assert len(done(api.get("/votes?score=1"))["votes"]) == 1
    assert wrong_counts(app) == []


def test_an_invitation_has_texts_in_each_language_of_the_site(api: Api) -> None:
    done(api.patch("/site", {"languages": ["en", "da"]}))
    texts = invite(api)["asks"]["texts"]
    assert {tag: texts[tag]["labels"][-1] for tag in texts} == {"en": "Good", "da": "God"}
