"""Changes of accounts ask for the password or a factor again ten minutes after the sign-in, and keep what was typed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.back_end import done
from tests.databases import ON_BOTH
from tests.factories import Make
from tests.frozen_clock import SetClock
from tests.sample_site import calls
from widget_server.accounts import passwords, users
from widget_server.console.sign_in import confirmation as proof_views

from .conftest import Console
from .factors import add_app
from .html import Element, read
from .test_passwords import EMAIL, PASSWORD, Team, config, set_password, team
from .test_profile import find_form, press

__all__ = ["config", "team"]

#: Changes that cannot take an account over, or that ask for the password themselves.
EXEMPT = {
    "change_password",
    "choose_language",
    "end_one_session",
    "end_other_sessions",
    "send_test_mail",
    "send_again",
    "show_test",
}


@pytest.fixture
def stale(team: Team, clock: SetClock) -> Console:
    """Return the browser of an owner who signed in ten minutes ago."""
    browser = team.join()
    clock.forward(minutes=10)
    return browser


def account_changes(app: Flask) -> Iterator[str]:
    """Yield the endpoints that change the own account, or what an owner of all sites manages."""
    for rule, method, who, _ in calls(app):
        is_own = str(rule).startswith("/console/profile/")
        is_managed = vars(app.view_functions[rule.endpoint]).get("right") == "manage_users"
        if who == "console" and method == "POST" and (is_own or is_managed):
            yield rule.endpoint


def invitation_form(browser: Console) -> Element:
    return find_form(browser.read("users"), "/users")


def user_exists(app: Flask, email: str) -> bool:
    with app.app_context():
        return users.find_user(email) is not None


def test_every_change_of_an_account_needs_a_confirmation(app: Flask) -> None:
    endpoints = {name.rpartition(".")[2]: name for name in account_changes(app)}
    assert len(endpoints) >= 10
    confirmed = {
        name for name, endpoint in endpoints.items() if "needs_confirmation" in vars(app.view_functions[endpoint])
    }
    assert set(endpoints) - confirmed == EXEMPT


@ON_BOTH
def test_the_password_is_asked_for_again_and_the_input_is_kept(app: Flask, stale: Console) -> None:
    typed = {"email": "ben@shop.example", "name": 'Ben <b>"&', "role": "admin", "site": ""}
    page = press(stale, invitation_form(stale), **typed)
    assert page.status_code == 403 and not user_exists(app, typed["email"])
    assert page.headers["Cache-Control"] == "no-store"
    form = find_form(read(page.text), "/users")
    assert {name: form.value(name) for name in typed} == typed

    wrong = press(stale, form, proof_password="not this one")
    assert (wrong.status_code, user_exists(app, typed["email"])) == (422, False)
    again = find_form(read(wrong.text), "/users")
    assert {name: again.value(name) for name in typed} == typed
    assert "not this one" not in wrong.text

    assert press(stale, again, proof_password=PASSWORD).status_code == 200
    assert user_exists(app, typed["email"])
    assert press(stale, invitation_form(stale), email="carl@shop.example", role="admin").status_code == 200


@ON_BOTH
def test_a_session_that_ends_during_the_hash_changes_nothing(
    app: Flask, stale: Console, team: Team, monkeypatch: Any
) -> None:
    """A stranger at an open browser knows the old password, and the owner of the account replaces it."""
    code, is_correct = team.new_code(), passwords.is_correct
    form = find_form(read(press(stale, invitation_form(stale), email="eve@shop.example", role="owner").text), "/users")

    def replace_after(password_hash: str | None, password: str) -> bool:
        answer = is_correct(password_hash, password)
        assert set_password(Console(app), code, "copper window seventeen lake").status_code == 303
        return answer

    monkeypatch.setattr(passwords, "is_correct", replace_after)
    assert press(stale, form, proof_password=PASSWORD).status_code == 401
    assert not user_exists(app, "eve@shop.example")


@ON_BOTH
def test_a_role_that_is_taken_after_the_proof_changes_nothing(
    app: Flask, stale: Console, team: Team, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Storing the proof releases the lock of the owners, so another owner may come before the change."""
    form = find_form(read(press(stale, invitation_form(stale), email="eve@shop.example", role="owner").text), "/users")
    team.join("ben@shop.example")
    (user_id,) = [user["id"] for user in done(make.operator().get("/users"))["users"] if user["email"] == EMAIL]
    read_proof = proof_views._read_proof

    def take_role_after() -> object:
        refusal = read_proof()
        done(make.operator().put(f"/users/{user_id}/role", {"role": "analyst"}))
        return refusal

    monkeypatch.setattr(proof_views, "_read_proof", take_role_after)
    assert press(stale, form, proof_password=PASSWORD).status_code in (401, 403)
    assert not user_exists(app, "eve@shop.example")


def test_a_confirmation_lasts_ten_minutes(stale: Console, clock: SetClock) -> None:
    page = stale.get("profile/authenticator-apps/new")
    assert page.headers["Location"] == "/console/confirm?next=/console/profile/authenticator-apps/new"
    form = find_form(stale.read("confirm?next=/console/profile/authenticator-apps/new"), "/confirm")
    answer = press(stale, form, proof_password=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/profile/authenticator-apps/new")
    clock.forward(minutes=9, seconds=59)
    assert stale.get("profile/authenticator-apps/new").status_code == 200
    clock.forward(seconds=1)
    assert stale.get("profile/authenticator-apps/new").status_code == 303
    form = find_form(stale.read("confirm?next=https://evil.example"), "/confirm")
    assert press(stale, form, proof_password=PASSWORD).headers["Location"] == "/console/profile"


def test_a_code_confirms_once(team: Team, clock: SetClock) -> None:
    browser = team.join()
    phone, codes = add_app(browser)
    clock.forward(minutes=10)
    for code in (phone.code(), codes[0]):
        form = find_form(browser.read("confirm"), "/confirm")
        assert press(browser, form, proof_code="000000").status_code == 422
        assert press(browser, form, proof_code=code).status_code == 303
        assert press(browser, form, proof_code=code).status_code == 422
        assert browser.get("profile/authenticator-apps/new").status_code == 200


def test_an_owner_link_session_confirms_with_another_link(console: Console, app: Flask, clock: SetClock) -> None:
    clock.forward(minutes=10)
    page = press(console, invitation_form(console), email=EMAIL, role="owner")
    form = find_form(read(page.text), "/users")
    assert not [field for field in form.all("input") if field.attributes.get("type") == "password"]
    link = console.link()
    for wrong in ("", "x", link[:-2] + "AA"):
        assert press(console, form, proof_link=wrong).status_code == 403
    assert press(console, form, proof_link=link).status_code == 200
    assert user_exists(app, EMAIL)
    assert Console(app).press(link).status_code == 403, "the link is used"
    clock.forward(minutes=10)
    assert press(console, form, proof_link=link).status_code == 403


def test_a_confirmation_is_limited_and_belongs_to_the_session(
    app: Flask, stale: Console, team: Team, monkeypatch: Any
) -> None:
    form = invitation_form(stale)
    fields = {"email": "ben@shop.example", "role": "admin", "proof_password": PASSWORD}
    assert stale.client.post(form["action"], data=fields).status_code == 403
    foreign_token = find_form(team.join("eve@shop.example").read("profile"), "sign-out").value("form_token")
    assert stale.client.post(form["action"], data={**fields, "form_token": foreign_token}).status_code == 403
    assert not user_exists(app, "ben@shop.example")
    monkeypatch.setattr(passwords, "is_correct", lambda *_: False)
    statuses = [press(stale, form, **fields).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


def test_a_right_is_checked_before_the_confirmation(team: Team, clock: SetClock) -> None:
    admin = team.join("ben@shop.example", "admin")
    token = find_form(admin.read("profile"), "sign-out").value("form_token")
    clock.forward(minutes=10)
    answer = admin.client.post("/console/users", data={"form_token": token})
    assert answer.status_code == 403 and "Your role" in answer.text
