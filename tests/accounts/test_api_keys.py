"""API keys: who created one, when it expires, and when it was last used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests.back_end import Api, done
from tests.commands.test_owner import Run, run
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from widget_server.accounts.models import ApiKey
from widget_server.accounts.scopes import DEFAULT_SCOPES, DESCRIPTIONS, SCOPES
from widget_server.accounts.service import USE_INTERVAL
from widget_server.core import clock as product_clock
from widget_server.storage.db import db

__all__ = ["run"]


def test_the_documents_print_the_table_of_scopes() -> None:
    rows = [f"| `{scope}` | {DESCRIPTIONS[scope]} |" for scope in SCOPES]
    assert "\n".join(rows) in Path("docs/operate/accounts.md").read_text()


@ON_BOTH
def test_the_audit_log_needs_its_scope(api: Api, auditor: Api) -> None:
    """The log has people's addresses, so neither a reading key nor the first key of a site opens it."""
    refused = api.get("/audit")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "scope")
    assert done(auditor.get("/audit"))["entries"]
    assert auditor.get("/votes").status_code == 403


def test_scopes_are_stored_in_the_order_of_the_table(make: Make, site: MadeSite) -> None:
    assert done(create(make, site, scopes=["audit", "read"]))["scopes"] == ["read", "audit"]
    assert done(create(make, site))["scopes"] == list(DEFAULT_SCOPES)
    for scopes, pointer in (([], "/scopes"), (["read", "read"], "/scopes/1"), (["read", "all"], "/scopes/1")):
        answer = create(make, site, scopes=scopes)
        assert (answer.status_code, answer.get_json()["pointer"]) == (422, pointer), scopes


def create(make: Make, site: MadeSite, **fields: Any) -> Any:
    return make.operator().post(f"/sites/{site.key}/api-keys", {"name": "nightly", **fields})


def find(make: Make, site: MadeSite, name: str) -> Any:
    keys = done(make.operator().get(f"/sites/{site.key}/api-keys"))["api_keys"]
    return next(key for key in keys if key["name"] == name)


@ON_BOTH
def test_an_expired_key_and_its_agent_tokens_open_nothing(
    client: FlaskClient, make: Make, site: MadeSite, clock: SetClock
) -> None:
    expires_at = clock.forward(minutes=30).isoformat()
    clock.forward(minutes=-30)
    key = done(create(make, site, expires_at=expires_at))
    api = Api(client, key["api_key"])
    done(api.put("/agents/anna", {"name": "Anna"}))
    agent = Api(client, done(api.post("/agent-tokens", {"agent": "anna"}))["token"])
    scores = "/agent/scores"
    before = client.get(scores, headers={"Authorization": f"Bearer {agent.key}"}).status_code
    clock.forward(minutes=29, seconds=59)
    assert api.get("/site").status_code == 200
    clock.forward(seconds=1)
    assert api.get("/site").status_code == 401
    assert before == 200
    assert client.get(scores, headers={"Authorization": f"Bearer {agent.key}"}).status_code == 401


def test_a_key_cannot_expire_in_the_past(make: Make, site: MadeSite, clock: SetClock) -> None:
    for text in (clock.now().isoformat(), "2020-01-01T00:00:00Z", "tomorrow", "2030-01-01T00:00:00"):
        answer = create(make, site, expires_at=text)
        assert (answer.status_code, answer.get_json()["pointer"]) == (422, "/expires_at"), text


@ON_BOTH
def test_the_last_use_is_stored_now_and_then(
    app: Flask, client: FlaskClient, make: Make, site: MadeSite, clock: SetClock
) -> None:
    key = done(create(make, site))
    api = Api(client, key["api_key"])
    assert find(make, site, "nightly")["last_used_at"] is None
    first_use = clock.now()
    done(api.get("/site"))
    clock.forward(minutes=59)
    done(api.patch("/site", {}))
    assert find(make, site, "nightly")["last_used_at"] == f"{first_use:%Y-%m-%dT%H:%M:%SZ}"
    clock.forward(seconds=USE_INTERVAL.total_seconds() - 59 * 60)
    done(api.patch("/site", {}))
    with app.app_context():
        [stored] = [one for one in db.session.query(ApiKey) if one.name == "nightly"]
        assert stored.last_used_at == clock.now()


def test_the_first_keys_and_those_after_a_revocation_have_an_owner(make: Make, site: MadeSite, run: Run) -> None:
    done(make.operator().post(f"/sites/{site.key}/revoke"))
    keys = done(make.operator().get(f"/sites/{site.key}/api-keys"))["api_keys"]
    assert [key["created_by"] for key in keys] == ["Operator", "Operator"]
    run("site", "create", "Other")
    other_key = run("site", "list").stdout.split("Other")[0].split()[-1]
    assert "(by Command line" in run("key", "list", other_key).stdout


def test_the_list_names_who_created_a_key(make: Make, site: MadeSite, run: Run) -> None:
    done(create(make, site))
    assert find(make, site, "nightly")["created_by"] == "Operator"
    run("key", "create", site.key, "--name", "short", "--days", "7")
    listed = run("key", "list", site.key).stdout.splitlines()
    [short] = [line for line in listed if "  short" in line]
    assert "by Command line (" in short and "never used, expires 20" in short
    expires_at, created_at = (find(make, site, "short")[name] for name in ("expires_at", "created_at"))
    assert expires_at[:10] > created_at[:10]
    assert product_clock.now().isoformat()[:10] <= expires_at[:10]
