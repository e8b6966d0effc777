"""The page of API keys and signing secrets: shown once, rotated with an overlap, and ended."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from tests.back_end import Api, done
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from widget_server.accounts.roles import ROLES
from widget_server.accounts.scopes import DESCRIPTIONS
from widget_server.console.settings.keys import SCOPE_LABELS

from .conftest import Console
from .html import read
from .test_passwords import Team, config, sign_in, team
from .test_profile import find_form, press
from .test_users import site_id

__all__ = ["config", "team"]


def path_of(site: MadeSite) -> str:
    return f"{site.key}/settings/keys"


def send(browser: Console, site: MadeSite, action: str, **fields: object) -> list[str]:
    """Send the form of an action and return the texts that are shown once."""
    response = press(browser, find_form(browser.read(path_of(site)), action), **fields)
    assert response.status_code in (200, 303), response.text
    if response.status_code == 200:
        assert response.headers["Cache-Control"] == "no-store"
    return [one.text for one in read(response.text).all("pre")] if response.status_code == 200 else []


@ON_BOTH
def test_a_key_is_created_rotated_and_revoked(
    client: FlaskClient, console: Console, site: MadeSite, clock: SetClock
) -> None:
    console.sign_in()
    (text,) = send(console, site, "/create", name="nightly", scopes=["read", "audit"], days="30")
    page = console.read(path_of(site)).text
    assert text not in page and "nightly" in page and "Owner link" in page and "never used" in page
    assert Api(client, text).get("/audit").status_code == 200
    assert Api(client, text).put("/agents/a", {}).status_code == 403
    assert "last used" in console.read(path_of(site)).text

    rows = [row for row in console.read(path_of(site)).all("li") if "nightly" in row.text]
    rotate = find_form(rows[0], "/rotate")
    (second,) = [one.text for one in read(press(console, rotate, overlap="1").text).all("pre")]
    assert {Api(client, key).get("/audit").status_code for key in (text, second)} == {200}
    clock.forward(hours=1)
    assert [Api(client, key).get("/audit").status_code for key in (text, second)] == [401, 200]
    console.sign_in()
    token = find_form(console.read(path_of(site)), "/create").value("form_token")
    answer = console.client.post(rotate["action"], data={"form_token": token, "overlap": "1"})
    assert answer.status_code == 409, "an ended key has no successor"
    rows = [row for row in console.read(path_of(site)).all("li") if "nightly" in row.text]
    assert press(console, find_form(rows[0], "/revoke")).status_code == 303
    assert Api(client, second).get("/audit").status_code == 401
    assert "2 ended keys" in console.read(path_of(site)).text


def test_a_wrong_form_of_a_key_keeps_what_was_typed(console: Console, site: MadeSite) -> None:
    form = find_form(console.read(path_of(site)), "/create")
    for fields in ({"name": "", "scopes": ["read"]}, {"name": "x", "scopes": ["all"]}, {"name": "x", "scopes": []}):
        response = press(console, form, days="0", **fields)
        assert response.status_code == 422, fields
        again = find_form(read(response.text), "/create")
        assert again.value("name") == fields["name"]
    assert press(console, form, name="x", scopes=["read"], days="-5").status_code == 422


@ON_BOTH
def test_a_secret_is_rotated_with_an_overlap_and_older_ones_are_retired(
    make: Make, console: Console, site: MadeSite, clock: SetClock
) -> None:
    console.sign_in()
    operator = make.operator()

    def secrets() -> list[tuple[str, bool]]:
        rows = done(make.operator().get(f"/sites/{site.key}/signing-secrets"))["signing_secrets"]
        return [(row["key_id"], row["retired_at"] is not None) for row in rows]

    assert operator.get(f"/sites/{site.key}/signing-secrets").status_code == 200
    (text,) = send(console, site, "/secrets/rotate", overlap="24")
    assert text.startswith("tfs_k2_") and text not in console.read(path_of(site)).text
    assert secrets() == [("k1", True), ("k2", False)]
    assert "expires" in console.read(path_of(site)).text
    send(console, site, "/secrets/k1/retire")
    forms = [form["action"] for form in console.read(path_of(site)).all("form") if form["action"].endswith("/retire")]
    assert forms == [], "only the newest is left, and it cannot be retired"


@ON_BOTH
def test_everything_ends_after_a_leak(client: FlaskClient, api: Api, console: Console, site: MadeSite) -> None:
    done(api.put("/agents/anna", {"name": "Anna"}))
    secret, key = send(console, site, "/end-everything")
    assert secret.startswith("tfs_k2_")
    assert (api.get("/site").status_code, Api(client, key).get("/site").status_code) == (401, 200)


def test_only_owners_see_keys_and_find_the_page(app: Flask, team: Team, site: MadeSite) -> None:
    for role in ROLES:
        status = 200 if role == "owner" else 403
        browser = team.join(f"{role}@shop.example", role, site_id(app, site.key))
        assert browser.get(path_of(site)).status_code == status, role
        if role in ("owner", "admin"):
            for query in ("", "?q=secrets"):
                has_link = path_of(site) in browser.get(f"{site.key}/settings{query}").get_data(as_text=True)
                assert has_link == (role == "owner"), (role, query)


def test_a_change_of_keys_asks_for_the_password_after_ten_minutes(
    app: Flask, team: Team, site: MadeSite, clock: SetClock
) -> None:
    ann = team.join()
    sign_in(ann)
    form = find_form(ann.read(path_of(site)), "/create")
    clock.forward(minutes=11)
    response = press(ann, form, name="late", scopes=["read"], days="0")
    assert "tfk_" not in response.text and "proof_password" in response.text


@ON_BOTH
def test_the_api_rotates_a_key(client: FlaskClient, make: Make, site: MadeSite, clock: SetClock) -> None:
    def path(end: str = "") -> str:
        return f"/sites/{site.key}/api-keys{end}"

    expires_at = (clock.now() + timedelta(days=10)).isoformat()
    old = done(make.operator().post(path(), {"name": "nightly", "scopes": ["read"], "expires_at": expires_at}))
    clock.forward(days=5)
    new = done(make.operator().post(path(f"/{old['id']}/rotate"), {"overlap_hours": 2}))
    assert (new["name"], new["scopes"], new["expires_at"]) == ("nightly", ["read"], "2026-03-18T10:00:00Z")
    keys = done(make.operator().get(path()))["api_keys"]
    assert next(key for key in keys if key["id"] == old["id"])["expires_at"] == "2026-03-08T12:00:00Z"
    done(make.operator().post(path(f"/{new['id']}/rotate"), {"overlap_hours": 0}))
    assert Api(client, new["api_key"]).get("/votes").status_code == 401
    assert make.operator().post(path(f"/{new['id']}/rotate"), {}).status_code == 409
    assert make.operator().post(path(f"/{old['id']}/rotate"), {"overlap_hours": -1}).status_code == 422


def test_the_page_and_the_documents_describe_scopes_alike() -> None:
    assert SCOPE_LABELS == DESCRIPTIONS
