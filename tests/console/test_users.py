"""The page of users, and what each role may do on every page of the console."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.back_end import Api
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.sample_site import address, build, calls
from widget_server.accounts import users
from widget_server.accounts.roles import RIGHTS, ROLES
from widget_server.core import clock as product_clock
from widget_server.sites.service import find_by_key
from widget_server.storage.db import db

from .conftest import Console
from .html import read
from .test_passwords import PASSWORD, Team, config, set_password, sign_in, team
from .test_profile import find_form, press

__all__ = ["config", "team"]


def site_id(app: Flask, key: str) -> Any:
    with app.app_context():
        site = find_by_key(key)
        assert site is not None
        return site.id


@ON_BOTH
def test_an_owner_invites_a_user_who_signs_in(app: Flask, console: Console, site: MadeSite) -> None:
    form = find_form(console.read("users"), "/users")
    page = press(console, form, email="Ben@Shop.example", name="Ben", role="admin", site=site.key)
    link = read(page.text).one("pre").text
    assert page.headers["Cache-Control"] == "no-store"

    browser = Console(app)
    assert set_password(browser, link).status_code == 303

    assert browser.get(f"{site.key}/conversations").status_code == 200
    assert browser.get("users").status_code == 403
    assert "ben@shop.example" in console.read("users").text
    assert link not in console.get("users").text


@ON_BOTH
def test_a_name_that_no_database_can_store_is_refused(console: Console) -> None:
    form = find_form(console.read("users"), "/users")
    page = press(console, form, email="ben@shop.example", name="Be\0n", role="admin", site="")
    assert page.status_code == 422


def test_a_wrong_invitation_keeps_what_was_typed(console: Console, team: Team) -> None:
    team.invite()
    form = find_form(console.read("users"), "/users")
    for email, status in (("not an address", 422), ("ann@shop.example", 409), ("", 422)):
        page = press(console, form, email=email, name="Someone", role="admin", site="")
        assert page.status_code == status
        again = find_form(read(page.text), "/users")
        assert again.value("email") == email
        assert again.value("name") == "Someone"
    assert press(console, form, email="x@shop.example", role="king").status_code == 422
    assert press(console, form, email="x@shop.example", role="admin", site="nowhere").status_code == 404


@ON_BOTH
@pytest.mark.parametrize("change", ["role", "disable"])
def test_a_change_ends_the_sessions_of_the_user(
    app: Flask, console: Console, team: Team, site: MadeSite, change: str
) -> None:
    ben = team.join("ben@shop.example", "admin")
    assert ben.get(f"{site.key}/conversations").status_code == 200
    form = find_form(console.read("users"), f"/{change}")

    assert press(console, form, role="", site="").status_code == 303

    assert ben.get(f"{site.key}/conversations").status_code == 401
    signed_in = sign_in(ben, "ben@shop.example", PASSWORD)
    assert signed_in.status_code == (401 if change == "disable" else 303)
    if change == "role":
        assert ben.get(f"{site.key}/conversations").status_code == 404


def test_no_owner_changes_their_own_account(team: Team, console: Console) -> None:
    ann = team.join()
    forms = [form for form in console.read("users").all("form") if form["action"].endswith(("/role", "/disable"))]
    assert len(forms) == 2
    own_token = find_form(ann.read("users"), "/users").value("form_token")
    for form in forms:
        assert ann.client.post(form["action"], data={"form_token": own_token}).status_code == 409
    assert not [form for form in ann.read("users").all("form") if form["action"].endswith("/disable")]


def test_a_user_sees_only_their_sites(app: Flask, team: Team, site: MadeSite, make: Make) -> None:
    other = make.site(name="Other shop")
    ben = team.join("ben@shop.example", "admin", site_id(app, site.key))
    assert ben.get("").headers["Location"] == f"/console/{site.key}/conversations"
    unknown_key = "x" * len(other.key)
    missing, foreign = ben.get(f"{unknown_key}/conversations"), ben.get(f"{other.key}/conversations")
    assert (missing.status_code, foreign.status_code) == (404, 404)
    assert missing.text.replace(unknown_key, "") == foreign.text.replace(other.key, "")


def test_the_role_at_a_site_replaces_the_one_at_all_sites(app: Flask, team: Team, site: MadeSite) -> None:
    ben = team.join("ben@shop.example", "owner")
    own_site = site_id(app, site.key)
    with app.app_context():
        user = users.find_user("ben@shop.example")
        assert user is not None
        users.set_role(user, "admin", own_site, product_clock.now())
        db.session.commit()
    sign_in(ben, "ben@shop.example")
    page = ben.read("profile")
    assert "Owner: All sites" in page.text and "Admin: Shop" in page.text


def test_every_page_of_a_site_declares_a_right(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        view = vars(app.view_functions[rule.endpoint])
        if view["access_policy"][0] == "console" and "key" in rule.arguments:
            assert view["right"] in RIGHTS, str(rule)


@pytest.mark.slow
def test_every_role_may_do_what_the_table_says_and_nothing_else(
    app: Flask,
    client: FlaskClient,
    api: Api,
    make: Make,
    site: MadeSite,
    console: Console,
    team: Team,
    subtests: pytest.Subtests,
) -> None:
    """Call each page of the console as each role, at the own site, at another one, and without a role (C1)."""
    world = build(app, client, api, make, site)
    other = make.site(name="Elsewhere")
    browsers = {role: team.join(f"{role}@shop.example", role, site_id(app, site.key)) for role in ROLES}
    outsider = team.join("outsider@shop.example", "owner", site_id(app, other.key))
    compared = 0
    for rule, method, who, _ in calls(app):
        right = vars(app.view_functions[rule.endpoint])["right"]
        if who != "console" or right is None:
            continue
        with subtests.test(rule=str(rule), method=method):
            path = address(rule, world.own)
            is_site_page = "key" in rule.arguments
            is_missing = call(console, method, path) == 404
            for role, browser in browsers.items():
                may = role in RIGHTS[right] and is_site_page
                status = call(browser, method, path)
                assert (status == 403, status == 404) == (not may, may and is_missing), (role, status)
            assert call(outsider, method, path) == (404 if is_site_page else 403)
            compared += 1
    assert compared >= 19


def call(browser: Console, method: str, path: str) -> int:
    """Return the status of a request with a valid form token."""
    token = find_form(browser.read("profile"), "sign-out").value("form_token")
    data = {"form_token": token, "reason": "a test"} if method == "POST" else None
    status: int = browser.client.open(path, method=method, data=data).status_code
    return status
