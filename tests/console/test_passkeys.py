"""Passkeys: registration, sign-in without a password, and everything that must not be accepted."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from flask import Flask

from tests.databases import ON_BOTH
from tests.factories import MadeSite
from tests.frozen_clock import SetClock
from widget_server.accounts import users
from widget_server.accounts.factor_models import Passkey
from widget_server.core import clock as product_clock
from widget_server.storage.db import db

from .authenticator import FLAG, SoftwareKey
from .conftest import Console
from .factors import SECOND_STEP, first_step, send_code
from .html import read
from .test_passwords import EMAIL, Team, config, set_password, sign_in, team
from .test_profile import find_form, press

__all__ = ["config", "team"]
OPTIONS = "/console/sign-in/passkey/options"


def request_options(browser: Console) -> dict[str, Any]:
    options: dict[str, Any] = browser.client.get(OPTIONS).get_json()
    return options


def add(browser: Console, key: SoftwareKey, **fields: str) -> Any:
    """Add a passkey as the script of the page does."""
    form = find_form(browser.read("profile/passkeys/new"), "/passkeys")
    options = browser.get("profile/passkeys/options").get_json()
    values = {"name": "Laptop", "state": options["state"], "credential": key.create(options), **fields}
    return press(browser, form, **values)


def answer_challenge(browser: Console, key: SoftwareKey, **fields: str) -> Any:
    """Sign in with a passkey as the script of the page does."""
    options = request_options(browser)
    values = {"state": options["state"], "credential": key.get(options), **fields}
    return browser.client.post("/console/sign-in/passkey", data=values)


@pytest.fixture
def key(team: Team) -> SoftwareKey:
    """Return the passkey of a user who has no other factor."""
    software_key = SoftwareKey()
    assert add(team.join(), software_key).status_code == 200
    return software_key


@ON_BOTH
def test_a_passkey_signs_in_without_a_password(
    app: Flask, team: Team, site: MadeSite, key: SoftwareKey, clock: SetClock
) -> None:
    clock.forward(seconds=5)
    browser = Console(app)
    answer = answer_challenge(browser, key, next=f"/console/{site.key}/conversations")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/console/{site.key}/conversations")
    page = browser.read("profile")
    assert "Laptop" in page.text and "10 unused" in page.text
    clock.forward(seconds=5)
    assert answer_challenge(Console(app), key, next="https://evil.example").headers["Location"] == "/console/"


def test_the_challenge_names_no_account_and_needs_verification(app: Flask, key: SoftwareKey) -> None:
    options = request_options(Console(app))["publicKey"]
    assert options["rpId"] == "localhost" and options["userVerification"] == "required"
    assert not options.get("allowCredentials") and EMAIL not in json.dumps(options)


def test_a_passkey_is_a_second_factor(app: Flask, team: Team, key: SoftwareKey, clock: SetClock) -> None:
    clock.forward(seconds=5)
    browser = first_step(app)
    page = read(browser.client.get(SECOND_STEP).text)
    assert find_form(page, "/sign-in/passkey").value("next") == ""
    assert answer_challenge(browser, key).status_code == 303
    assert browser.get("profile").status_code == 200
    other = Console(app)
    assert set_password(other, team.new_code(), "copper window seventeen lake").headers["Location"] == SECOND_STEP
    assert send_code(other, "000000").status_code == 401


def test_every_other_answer_is_refused_alike(
    app: Flask, key: SoftwareKey, clock: SetClock, subtests: pytest.Subtests
) -> None:
    """Refuse a foreign origin, a missing verification, a wrong key and malformed answers (C8)."""
    clock.forward(seconds=5)
    stranger = SoftwareKey()
    wrong = {
        "origin": dataclasses.replace(key, origin="http://localhost.evil.example"),
        "port": dataclasses.replace(key, origin="http://localhost:8080"),
        "scheme": dataclasses.replace(key, origin="https://localhost"),
        "rp id": dataclasses.replace(key, rp_id="evil.example"),
        "not verified": dataclasses.replace(key, flags=FLAG.UP),
        "not present": dataclasses.replace(key, flags=FLAG.UV),
        "another key": dataclasses.replace(key, private_key=stranger.private_key),
        "unknown": stranger,
        "another user": dataclasses.replace(key, user_handle="AAAAAAAAAAAAAAAAAAAAAA"),
    }
    pages = set()
    for name, wrong_key in wrong.items():
        with subtests.test(name=name):
            answer = answer_challenge(Console(app), wrong_key)
            assert answer.status_code == 401 and "Set-Cookie" not in answer.headers
            pages.add(answer.text)
    malformed = ["", "{}", "[]", "null", '{"id": 1}', "[" * 5_000, "x" * 20_000, '{"id": "a", "rawId": "a"}', "\0"]
    for text in malformed:
        with subtests.test(text=text[:20]):
            answer = answer_challenge(Console(app), key, credential=text)
            assert answer.status_code == 401
            pages.add(answer.text)
    assert len(pages) == 1
    headers = {"Origin": "https://evil.example"}
    assert Console(app).client.post("/console/sign-in/passkey", headers=headers).status_code == 403


def test_attempts_are_limited_by_source(app: Flask) -> None:
    statuses = [Console(app).client.post("/console/sign-in/passkey").status_code for _ in range(31)]
    assert statuses == [401] * 30 + [429]


@ON_BOTH
def test_a_challenge_is_used_once_and_for_five_minutes(app: Flask, key: SoftwareKey, clock: SetClock) -> None:
    clock.forward(seconds=5)
    key.step = 0
    browser = Console(app)
    options = request_options(browser)
    values = {"state": options["state"], "credential": key.get(options)}
    statuses = [browser.client.post("/console/sign-in/passkey", data=values).status_code for _ in range(2)]
    assert statuses == [303, 401]
    late = request_options(browser)
    clock.forward(minutes=5, seconds=1)
    values = {"state": late["state"], "credential": key.get(late)}
    assert browser.client.post("/console/sign-in/passkey", data=values).status_code == 401
    assert answer_challenge(browser, key, state=options["state"]).status_code == 401, "another challenge"


def test_a_copied_key_is_refused(
    app: Flask, key: SoftwareKey, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    key.count = 10
    for count, status in ((10, 303), (10, 401), (5, 401), (11, 303), (0, 401)):
        clock.forward(seconds=5)
        key.count = count - 1
        assert answer_challenge(Console(app), key).status_code == status, count
    assert "did not grow" in caplog.text


def test_a_new_passkey_needs_its_own_challenge(team: Team, key: SoftwareKey) -> None:
    browser, eve = team.join("ben@shop.example"), team.join("eve@shop.example")
    foreign = eve.get("profile/passkeys/options").get_json()
    assert add(browser, SoftwareKey(), state=foreign["state"]).status_code == 422
    assert add(browser, SoftwareKey(), state=request_options(browser)["state"]).status_code == 422
    assert add(browser, SoftwareKey(), credential="{}").status_code == 422
    assert add(browser, SoftwareKey(flags=FLAG.UP)).status_code == 422
    assert add(browser, SoftwareKey(origin="https://evil.example")).status_code == 422
    assert add(browser, SoftwareKey(), name="\0").status_code == 422
    assert add(browser, key).status_code == 409, "the passkey of another user"
    assert "recovery codes" not in browser.read("profile").text.lower()
    options = browser.get("profile/passkeys/options").get_json()["publicKey"]
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"


def test_a_removed_passkey_and_a_disabled_account_are_refused(
    app: Flask, team: Team, key: SoftwareKey, clock: SetClock
) -> None:
    clock.forward(seconds=5)
    answer_challenge(browser := Console(app), key)
    ben = team.join("ben@shop.example")
    path = find_form(browser.read("profile"), "/remove")["action"]
    token = find_form(ben.read("profile"), "sign-out").value("form_token")
    assert ben.client.post(path, data={"form_token": token}).status_code == 404

    clock.forward(seconds=5)
    set_disabled(app, True)
    assert answer_challenge(Console(app), key).status_code == 401
    set_disabled(app, False)
    assert answer_challenge(browser, key).status_code == 303
    assert press(browser, find_form(browser.read("profile"), "/remove")).status_code == 303
    clock.forward(seconds=5)
    assert answer_challenge(Console(app), key).status_code == 401
    assert sign_in(Console(app)).headers["Location"] == "/console/"
    with app.app_context():
        assert not db.session.query(Passkey).count()


def set_disabled(app: Flask, is_disabled: bool) -> None:
    with app.app_context():
        user = users.find_user(EMAIL)
        assert user is not None
        users.set_disabled(user, is_disabled, product_clock.now())
        db.session.commit()


def test_a_passkey_confirms_a_change_of_its_own_account(team: Team, clock: SetClock) -> None:
    browser, foreign = team.join("ben@shop.example"), SoftwareKey()
    own = SoftwareKey()
    add(browser, own)
    add(team.join(), foreign)
    clock.forward(minutes=10)
    typed = {"email": "carl@shop.example", "role": "admin"}
    page = press(browser, find_form(browser.read("users"), "/users"), **typed)
    form = next(form for form in read(page.text).all("form") if form.attributes.get("data-passkey"))
    assert {name: form.value(name) for name in typed} == typed
    for key, status in ((foreign, 422), (own, 200)):
        options = request_options(browser)
        proof = {"proof_state": options["state"], "proof_credential": key.get(options)}
        assert press(browser, form, **proof).status_code == status


def test_a_forged_host_changes_neither_the_address_nor_the_links(app: Flask, key: SoftwareKey, clock: SetClock) -> None:
    """Take the host of passkeys and redirects from PUBLIC_URL only (C11)."""
    clock.forward(seconds=5)
    for headers in ({"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example"}):
        options = Console(app).client.get(OPTIONS, headers=headers).get_json()
        assert options["publicKey"]["rpId"] == "localhost"
        assert Console(app).client.get(SECOND_STEP, headers=headers).headers["Location"] == "/console/sign-in"
    for path in (OPTIONS, SECOND_STEP, "/console/sign-in"):
        assert Console(app).client.get(path, headers={"Host": "evil.example"}).status_code == 400
