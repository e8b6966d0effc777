"""Streams whose permission ended are closed within seconds, also while nothing happens on the site."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import event

from tests.back_end import Api, done
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from widget_server.accounts import live_tokens
from widget_server.accounts.live_tokens import LiveGrant
from widget_server.accounts.sessions import SESSION_LIFETIME, find_login_session, open_login_session
from widget_server.core import clock as product_clock
from widget_server.live import expiry_check
from widget_server.sites.removal import remove_site
from widget_server.sites.service import find_site
from widget_server.sites.signatures import site_keys
from widget_server.storage.db import db

from .conftest import Live, Person, Reader, Tell, write

#: The promised maximum time from the end of a permission to the end of the stream.
PROMISED_SECONDS = 5


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the check of expired grants more often."""
    monkeypatch.setattr(expiry_check, "CHECK_SECONDS", 0.05)


def assert_cut_off(reader: Reader) -> None:
    over = reader.next()
    assert (over.event, over.data) == ("over", {"reason": "signed_out"})
    assert reader.has_ended()


def test_the_expiry_check_keeps_the_promise() -> None:
    """Check the interval: a permission that ends just after a check is noticed by the next, and a check takes time."""
    assert expiry_check.CHECK_SECONDS * 2 < PROMISED_SECONDS


@ON_BOTH
def test_signing_out_ends_a_silent_stream(
    live: Live, person: Person, app: Flask, site: MadeSite, often: None, tell: Tell
) -> None:
    leaving, staying = live.open(person.token(site)), live.open(Person(app).token(site))
    person.sign_out()
    assert_cut_off(leaving)
    tell(site, versions=[2])
    assert staying.next_version() == 2


@ON_BOTH
@pytest.mark.parametrize("change", ["member", "role", "team", "sessions"])
def test_a_changed_team_ends_the_streams_of_its_members(
    live: Live, person: Person, app: Flask, make: Make, site: MadeSite, often: None, tell: Tell, change: str
) -> None:
    operator = make.operator()
    user = done(operator.post("/users", {"email": "ben@shop.example", "role": "agent", "site": make.site().key}))
    team = done(operator.post("/teams", {"name": "Support"}))
    done(operator.put(f"/teams/{team['id']}/role", {"role": "admin", "site": site.key}))
    done(operator.put(f"/teams/{team['id']}/members/{user['id']}"))
    leaving, staying = live.open(open_grant(app, user["id"], site)), live.open(person.token(site))
    calls = {
        "member": lambda: operator.delete(f"/teams/{team['id']}/members/{user['id']}"),
        "role": lambda: operator.put(f"/teams/{team['id']}/role", {"role": None, "site": site.key}),
        "team": lambda: operator.delete(f"/teams/{team['id']}"),
        "sessions": lambda: operator.delete(f"/users/{user['id']}/sessions"),
    }
    assert calls[change]().status_code < 300
    assert_cut_off(leaving)
    tell(site, versions=[2])
    assert staying.next_version() == 2


def open_grant(app: Flask, user_id: str, site: MadeSite) -> str:
    """Return the live token of a new session of a user."""
    with app.app_context():
        value = open_login_session(product_clock.now(), user_id=UUID(user_id))
        db.session.commit()
        session = find_login_session(value, product_clock.now(), SESSION_LIFETIME)
        assert session is not None
        return write(app, live_tokens.grant_to_session(site.id, session.id, product_clock.now()))


@ON_BOTH
@pytest.mark.parametrize("role", [None, "analyst"])
def test_a_changed_role_ends_the_streams_of_the_user(
    live: Live, person: Person, app: Flask, make: Make, site: MadeSite, often: None, tell: Tell, role: str | None
) -> None:
    operator = make.operator()
    user = done(operator.post("/users", {"email": "ben@shop.example", "role": "admin", "site": site.key}))
    leaving, staying = live.open(open_grant(app, user["id"], site)), live.open(person.token(site))
    done(operator.put(f"/users/{user['id']}/role", {"role": role, "site": site.key}))
    assert_cut_off(leaving)
    tell(site, versions=[2])
    assert staying.next_version() == 2


@ON_BOTH
def test_removing_a_site_ends_its_silent_streams(
    live: Live, person: Person, app: Flask, site: MadeSite, often: None
) -> None:
    reader = live.open(person.token(site))
    with app.app_context():
        remove_site(find_site(site.id))
        db.session.commit()
    assert_cut_off(reader)


@ON_BOTH
def test_revoking_an_agent_ends_their_streams_and_their_tokens_open_nothing(
    live: Live, api: Api, site: MadeSite, agent_token: Callable[..., str], often: None, clock: SetClock, tell: Tell
) -> None:
    mine, other = uuid4(), uuid4()
    nora, emil = agent_token("nora", str(mine)), agent_token("emil", str(other))
    leaving, staying = live.open(nora), live.open(emil)

    clock.forward(seconds=1)
    done(api.post("/agents/nora/revoke"))

    assert_cut_off(leaving)
    assert live.ask(nora).response.status == 401
    tell(site, versions=[2], conversation_id=other)
    assert staying.next_version() == 2
    live.open(emil)
    clock.forward(seconds=1)
    live.open(agent_token("nora", str(mine)))


def test_a_token_renewed_after_the_revocation_is_still_revoked(
    live: Live, app: Flask, api: Api, site: MadeSite, agent_token: Callable[..., str], clock: SetClock
) -> None:
    old = live_tokens.read_token(app.config["SECRET_KEYS"], agent_token("nora", str(uuid4())), clock.now())
    clock.forward(minutes=5)
    done(api.post("/agents/nora/revoke"))
    clock.forward(minutes=5)
    renewed = live_tokens.renew_grant(old, clock.now())
    assert renewed is not None
    assert live.ask(write(app, renewed)).response.status == 401


@ON_BOTH
def test_a_token_of_the_same_second_as_the_revocation_is_compared_by_its_exact_time(
    live: Live, app: Flask, api: Api, agent_token: Callable[..., str], clock: SetClock
) -> None:
    clock.forward(milliseconds=200)
    before = agent_token("nora", str(uuid4()))
    clock.forward(milliseconds=200)
    done(api.post("/agents/nora/revoke"))
    clock.forward(milliseconds=200)
    after = agent_token("nora", str(uuid4()))
    assert live.ask(before).response.status == 401
    live.open(after)


def test_one_query_of_each_kind_serves_all_streams(
    live: Live, person: Person, site: MadeSite, agent_token: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiry_check, "CHECK_SECONDS", 3600)
    application = live.server.app
    engines, following = application.extensions["tilfreds_engines"], application.extensions["tilfreds_follower"]
    statements: list[str] = []

    def asked() -> int:
        statements.clear()
        following.expiry_check.end_expired()
        return len(statements)

    live.open(person.token(site))
    live.open(agent_token("nora", str(uuid4())))
    here = threading.get_ident()

    def note(*arguments: Any) -> None:
        # The streams make their queries in the server's own thread.
        if threading.get_ident() == here:
            statements.append(arguments[2])

    event.listen(engines.read, "before_cursor_execute", note)
    few = asked()
    for number in range(15):
        live.open(person.token(site))
        live.open(agent_token(f"agent-{number}", str(uuid4())))
    assert (few, asked()) == (3, 3)


def grant(site: MadeSite, agent_id: UUID, **values: Any) -> LiveGrant:
    """Return a grant as a signed token makes it."""
    now = product_clock.now()
    return LiveGrant(site.id, None, agent_id, None, now, now + live_tokens.TOKEN_LIFETIME, **values)


@ON_BOTH
def test_a_retired_secret_or_revoked_key_ends_the_streams_of_its_tokens(
    live: Live, app: Flask, api: Api, site: MadeSite, make: Make, often: None, tell: Tell
) -> None:
    agent_id = UUID(api.put("/agents/nora", {"name": "Nora"}).get_json()["id"])
    operator = make.operator()
    key = operator.post(f"/sites/{site.key}/api-keys", {"name": "helpdesk"}).get_json()
    of_secret = live.open(write(app, grant(site, agent_id, key_id="k1")))
    of_key = live.open(write(app, grant(site, agent_id, api_key_id=UUID(key["id"]))))
    staying = live.open(write(app, grant(site, agent_id)))

    assert operator.post(f"/sites/{site.key}/signing-secrets").status_code == 201
    assert operator.patch(f"/sites/{site.key}/signing-secrets/k1", {"retired": True}).status_code == 204
    assert_cut_off(of_secret)
    assert operator.delete(f"/sites/{site.key}/api-keys/{key['id']}").status_code == 204
    assert_cut_off(of_key)
    assert live.ask(write(app, grant(site, agent_id, key_id="k1"))).response.status == 401
    assert live.ask(write(app, grant(site, agent_id, key_id="k2"))).response.status == 200
    assert staying.frames.empty() or staying.next().event != "over"


@ON_BOTH
def test_one_call_ends_everything_of_a_site(
    live: Live, app: Flask, api: Api, site: MadeSite, make: Make, agent_token: Callable[..., str], often: None
) -> None:
    other = make.site(name="Other")
    nora, before = live.open(agent_token("nora", str(uuid4()))), agent_token("emil")

    secrets = make.operator().post(f"/sites/{site.key}/revoke")

    assert secrets.status_code == 200
    assert_cut_off(nora)
    assert live.ask(before).response.status == 401
    assert api.get("/site").status_code == 401
    renewed = Api(api.client, secrets.get_json()["api_key"])
    assert renewed.get("/site").status_code == 200
    assert Api(api.client, other.api_key).get("/site").status_code == 200
    with app.app_context():
        keys = site_keys(db.session, app.config["SECRET_KEYS"], site.id)
        valid_ids = [key.key_id for key in keys if key.is_valid(product_clock.now())]
    assert [f"tfs_{key_id}_" in secrets.get_json()["signing_secret"] for key_id in valid_ids] == [True]
