"""A site or the server requires a second factor: people without one can only add it."""

from __future__ import annotations

import dataclasses

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.back_end import Api
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from tests.sample_site import address, build, calls
from widget_server.core.config import Config

from .conftest import Console
from .factors import add_app, first_step, send_code
from .html import read
from .test_passwords import Team, config, sign_in, team
from .test_profile import find_form, press
from .test_users import call

__all__ = ["config", "team"]

#: What a person without the required factor may still call: what adds it, and what leaves.
ALLOWED = {
    "profile", "change_password", "choose_language", "end_one_session", "end_other_sessions", "new_totp", "add_totp",
    "remove_totp", "new_passkey", "passkey_creation_options", "add_passkey", "remove_passkey", "renew_codes",
    "confirm_page", "confirm", "sign_out",
}  # fmt: skip


def require(console: Console, site: MadeSite, required: str = "yes") -> int:
    """Press the button of a site; return the status."""
    forms = [form for form in console.read("users").all("form") if form["action"].endswith("/second-factor")]
    form = next(form for form in forms if form.value("site") == site.key)
    assert form.value("required") == required
    status: int = press(console, form).status_code
    return status


@ON_BOTH
def test_people_without_a_factor_are_led_to_it(
    app: Flask, team: Team, site: MadeSite, make: Make, console: Console, clock: SetClock
) -> None:
    other = make.site(name="Elsewhere")
    ben = team.join("ben@shop.example", "admin")
    assert require(console, site) == 303
    assert ben.get("profile").status_code == 401, "sessions without a factor end"
    sign_in(ben, "ben@shop.example")

    refused = ben.get(f"{site.key}/conversations")
    assert (refused.status_code, refused.headers["Location"]) == (303, "/console/profile#second-factor")
    assert "Required: Shop" in ben.read("profile").one("p", klass="notice").text
    assert ben.get(f"{site.key}/live", headers={"Sec-Fetch-Dest": "empty"}).status_code == 403
    assert ben.get(f"{other.key}/conversations").status_code == 200

    phone, _ = add_app(ben)
    assert ben.get(f"{site.key}/conversations").status_code == 200
    clock.forward(seconds=60)
    browser = first_step(app, "ben@shop.example")
    send_code(browser, phone.code())
    assert browser.get(f"{site.key}/conversations").status_code == 200
    assert press(ben, find_form(ben.read("profile"), "/remove")).status_code == 409
    assert ben.get(f"{site.key}/conversations").status_code == 200

    assert require(console, site, "no") == 303
    assert press(ben, find_form(ben.read("profile"), "/remove")).status_code == 303
    assert ben.get(f"{site.key}/conversations").status_code == 200


def test_the_audit_log_names_who_required_a_factor(console: Console, site: MadeSite, auditor: Api) -> None:
    require(console, site)
    changes = [one for one in auditor.get("/audit").get_json()["entries"] if one["action"] == "site.changed"]
    assert [one["detail"] for one in changes] == [
        {"before": {"second_factor_required": False}, "after": {"second_factor_required": True}}
    ]


def test_an_owner_has_a_factor_before_requiring_one(team: Team, site: MadeSite) -> None:
    ann = team.join()
    assert require(ann, site) == 409
    assert ann.get(f"{site.key}/conversations").status_code == 200
    add_app(ann)
    assert require(ann, site) == 303
    assert ann.get(f"{site.key}/conversations").status_code == 200


def test_a_required_factor_cannot_be_turned_off_without_it(team: Team, site: MadeSite, console: Console) -> None:
    assert require(console, site) == 303
    ann = team.join()
    assert ann.get("users").headers["Location"] == "/console/profile#second-factor"
    token = find_form(ann.read("profile"), "sign-out").value("form_token")
    data = {"form_token": token, "site": site.key, "required": "no"}
    refused = ann.client.post("/console/users/second-factor", data=data)
    assert refused.status_code == 403
    assert [link for link in read(refused.text).all("a") if link["href"] == "/console/profile#second-factor"]


@pytest.mark.slow
@pytest.mark.parametrize("by", ["site", "server"])
def test_nothing_else_is_allowed_without_the_factor(
    app: Flask, client: FlaskClient, api: Api, make: Make, site: MadeSite, team: Team, console: Console, by: str
) -> None:
    """Call each page of the console without the factor: at the site, or anywhere (C1)."""
    world = build(app, client, api, make, site)
    if by == "site":
        require(console, site)
    else:
        app.config["TILFREDS"] = dataclasses.replace(app.config["TILFREDS"], second_factor_required=True)
    ann = team.join("new@shop.example")
    checked = 0
    for rule, method, who, _ in calls(app):
        name = rule.endpoint.rpartition(".")[2]
        if who != "console" or name in ALLOWED:
            continue
        is_covered = by == "server" or "key" in rule.arguments or vars(app.view_functions[rule.endpoint])["right"]
        status = call(ann, method, address(rule, world.own))
        if is_covered and name != "missing_page":
            assert status == (303 if method == "GET" else 403), (name, status)
            checked += 1
    assert checked >= 20
    assert console.get(f"{site.key}/conversations").status_code == 200, "an owner's link needs no factor"


def test_the_setting_covers_every_page(config: Config, app: Flask, team: Team, site: MadeSite) -> None:
    app.config["TILFREDS"] = dataclasses.replace(config, second_factor_required=True)
    ann = team.join()
    for path in ("", f"{site.key}/conversations", "users"):
        assert ann.get(path).headers["Location"] == "/console/profile#second-factor"
    assert "All sites" in ann.read("profile").one("p", klass="notice").text
    add_app(ann)
    assert ann.get("users").status_code == 200
