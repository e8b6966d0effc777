"""Teams: their members have the team's roles at once, and lose them at once."""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from tests.back_end import Api, done
from tests.databases import ON_BOTH, ON_POSTGRESQL
from tests.factories import MadeSite, Make
from widget_server.accounts.models import AuditEntry
from widget_server.accounts.roles import find_rights
from widget_server.accounts.users import find_user
from widget_server.storage.db import db

from .conftest import Console
from .html import read
from .test_passwords import PASSWORD, Team, config, sign_in, team
from .test_profile import find_form, press

__all__ = ["config", "team"]
BEN = "ben@shop.example"


@pytest.fixture
def operator(make: Make) -> Api:
    return make.operator()


def join_without_role(operator: Api, people: Team, site: MadeSite, email: str = BEN) -> tuple[Console, str]:
    """Return the browser of a user without a role, and the user's id."""
    browser = people.join(email, "analyst")
    user = next(user for user in done(operator.get("/users"))["users"] if user["email"] == email)
    done(operator.put(f"/users/{user['id']}/role", {"role": None}))
    sign_in(browser, email)
    assert browser.get(f"{site.key}/conversations").status_code == 404
    return browser, user["id"]


@ON_BOTH
def test_members_have_the_roles_of_their_team_until_they_leave_it(
    operator: Api, team: Team, site: MadeSite, make: Make
) -> None:
    other = make.site(name="Other")
    ben, user_id = join_without_role(operator, team, site)
    support = done(operator.post("/teams", {"name": "Support"}))["id"]
    done(operator.put(f"/teams/{support}/members/{user_id}"))
    sign_in(ben, BEN)
    assert ben.get(f"{site.key}/conversations").status_code == 404

    document = done(operator.put(f"/teams/{support}/role", {"role": "admin", "site": site.key}))
    assert document["roles"] == [{"role": "admin", "site": site.key}]
    assert [member["email"] for member in document["members"]] == [BEN]
    assert ben.get("profile").status_code == 401, "sessions end with each change"
    sign_in(ben, BEN)
    statuses = [ben.get(f"{key}/conversations").status_code for key in (site.key, other.key)]
    assert statuses == [200, 404]
    assert ben.get(f"{site.key}/install").status_code == 200
    assert "Admin: Shop" in ben.read("profile").text

    done(operator.delete(f"/teams/{support}/members/{user_id}"))
    assert ben.get(f"{site.key}/conversations").status_code == 401
    sign_in(ben, BEN)
    assert ben.get(f"{site.key}/conversations").status_code == 404


@ON_BOTH
def test_a_removed_team_gives_no_rights(operator: Api, team: Team, site: MadeSite) -> None:
    ben, user_id = join_without_role(operator, team, site)
    support = done(operator.post("/teams", {"name": "Support"}))["id"]
    done(operator.put(f"/teams/{support}/role", {"role": "owner"}))
    done(operator.put(f"/teams/{support}/members/{user_id}"))
    sign_in(ben, BEN)
    assert ben.get("users").status_code == 200
    assert operator.delete(f"/teams/{support}").status_code == 204
    assert ben.get("users").status_code == 401
    sign_in(ben, BEN)
    assert ben.get("users").status_code == 403
    assert done(operator.get("/teams")) == {"teams": []}


@ON_BOTH
def test_the_strongest_role_at_a_place_counts_and_the_site_replaces_all_sites(
    app: Flask, operator: Api, team: Team, site: MadeSite
) -> None:
    cases = (
        # (own role at the site, the team's role at the site, the team's role at all sites, the role that counts)
        ("analyst", "admin", None, "admin"),
        ("admin", "analyst", None, "admin"),
        (None, "agent", "owner", "agent"),
        ("agent", None, "owner", "agent"),
        (None, None, "admin", "admin"),
    )
    team.join(BEN, "analyst")
    (user,) = done(operator.get("/users"))["users"]
    done(operator.put(f"/users/{user['id']}/role", {"role": None}))
    support = done(operator.post("/teams", {"name": "Support"}))["id"]
    done(operator.put(f"/teams/{support}/members/{user['id']}"))
    for own, at_site, everywhere, expected in cases:
        done(operator.put(f"/users/{user['id']}/role", {"role": own, "site": site.key}))
        done(operator.put(f"/teams/{support}/role", {"role": at_site, "site": site.key}))
        done(operator.put(f"/teams/{support}/role", {"role": everywhere}))
        with app.app_context():
            ben = find_user(BEN)
            assert ben is not None
            rights = find_rights(ben.id)
            assert rights is not None and rights.role_at(site.id) == expected, (own, at_site, everywhere)


@ON_BOTH
def test_an_owner_manages_teams_in_the_console(app: Flask, team: Team, site: MadeSite) -> None:
    ann = team.join()
    team.join(BEN, "analyst")
    press(ann, find_form(ann.read("teams"), "/teams"), name="Support")
    assert press(ann, find_form(ann.read("teams"), "/teams"), name="Support").status_code == 409
    assert press(ann, find_form(ann.read("teams"), "/teams"), name=" ").status_code == 422
    page = ann.read("teams")
    ben_id = next(option["value"] for option in find_form(page, "/members/add").all("option") if option.text == BEN)
    press(ann, find_form(page, "/members/add"), user=ben_id)
    press(ann, find_form(page, "/role"), role="admin", site=site.key)
    row = ann.read("teams").one("main").text
    assert "Admin: Shop" in row and BEN in row
    assert "Team: Support" in ann.read("users").text
    press(ann, find_form(ann.read("teams"), "/members/remove"), user=ben_id)
    press(ann, find_form(page, "/remove"))
    with app.app_context():
        entries = db.session.query(AuditEntry).order_by(AuditEntry.at, AuditEntry.number)
        team_entries = [
            (one.action, one.target, one.site_id == site.id) for one in entries if one.target == "team Support"
        ]
    assert team_entries == [
        ("team.created", "team Support", False),
        ("team.member_added", "team Support", False),
        ("role.changed", "team Support", True),
        ("team.member_removed", "team Support", False),
        ("role.changed", "team Support", True),
        ("team.removed", "team Support", False),
    ]


@ON_BOTH
def test_owners_change_no_team_that_they_are_in(operator: Api, team: Team, site: MadeSite) -> None:
    ann = team.join()
    (user,) = done(operator.get("/users"))["users"]
    support = done(operator.post("/teams", {"name": "Support"}))["id"]
    token = find_form(ann.read("teams"), "/teams").value("form_token")
    paths = {"role": {"role": "owner"}, "remove": {}}
    for path in ("members/add", "members/remove"):
        answer = ann.client.post(f"/console/teams/{support}/{path}", data={"form_token": token, "user": user["id"]})
        assert answer.status_code == 409, path
    done(operator.put(f"/teams/{support}/members/{user['id']}"))
    sign_in(ann)
    token = find_form(ann.read("teams"), "/teams").value("form_token")
    for path, form in paths.items():
        answer = ann.client.post(f"/console/teams/{support}/{path}", data={"form_token": token, **form})
        assert answer.status_code == 409, path
    assert "only another owner" in read(ann.get("teams").text).text


@ON_POSTGRESQL
def test_two_owners_who_demote_each_other_at_once_leave_one_owner(app: Flask, operator: Api, team: Team) -> None:
    """Hold both requests at the same place; SQLite has one writer, so nothing can happen at once there."""
    browsers = {email: team.join(email) for email in ("ann@shop.example", BEN)}
    ids = {user["email"]: user["id"] for user in done(operator.get("/users"))["users"]}
    tokens = {email: find_form(one.read("profile"), "sign-out").value("form_token") for email, one in browsers.items()}
    statuses: dict[str, int] = {}
    start = threading.Barrier(2)

    def demote(email: str, other: str) -> None:
        start.wait()
        data: dict[str, Any] = {"form_token": tokens[email], "role": "", "site": ""}
        statuses[email] = browsers[email].client.post(f"/console/users/{ids[other]}/role", data=data).status_code

    pairs = [("ann@shop.example", BEN), (BEN, "ann@shop.example")]
    for round_number in range(5):
        threads = [threading.Thread(target=demote, args=pair) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with app.app_context():
            owners = [email for email in ids if is_owner(ids[email])]
        assert len(owners) == 1, (round_number, statuses)
        for email, browser in browsers.items():
            done(operator.put(f"/users/{ids[email]}/role", {"role": "owner"}))
            sign_in(browser, email, PASSWORD)
            tokens[email] = find_form(browser.read("profile"), "sign-out").value("form_token")


def is_owner(user_id: str) -> bool:
    rights = find_rights(UUID(user_id))
    return rights is not None and rights.roles.get(None) == "owner"
