"""Authenticator apps and recovery codes: set-up, the second step of a sign-in, and removal."""

from __future__ import annotations

import contextlib
import logging
import threading
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from tests.databases import ON_BOTH
from tests.factories import MadeSite
from tests.frozen_clock import SetClock
from widget_server.accounts import factors, recovery_codes, users
from widget_server.accounts.factor_models import RecoveryCode, TotpFactor
from widget_server.accounts.models import LoginSession
from widget_server.core import clock as product_clock
from widget_server.storage.db import db

from .conftest import Console
from .factors import SECOND_STEP, add_app, first_step, read_secret, send_code
from .html import read
from .test_passwords import EMAIL, PASSWORD, Team, config, set_password, sign_in, team
from .test_profile import find_form, press

__all__ = ["config", "team"]


@ON_BOTH
def test_the_second_step_needs_a_code_of_the_app(app: Flask, team: Team, site: MadeSite, clock: SetClock) -> None:
    owner = team.join()
    phone, _ = add_app(owner)
    clock.forward(seconds=60)
    next_path = f"/console/{site.key}/conversations"
    browser = first_step(app, next=next_path)

    assert browser.get("profile").status_code == 401
    assert send_code(browser, "000000").status_code == 401
    answer = send_code(browser, f" {phone.code()[:3]} {phone.code()[3:]} ")

    assert (answer.status_code, answer.headers["Location"]) == (303, next_path)
    assert browser.get("profile").status_code == 200
    assert browser.client.get(SECOND_STEP).headers["Location"] == "/console/sign-in"


@ON_BOTH
def test_a_code_is_accepted_once_and_one_step_away(app: Flask, team: Team, clock: SetClock) -> None:
    phone, _ = add_app(team.join())
    assert send_code(first_step(app), phone.code()).status_code == 401, "the code of the set-up was used"
    clock.forward(seconds=90)
    for steps, status in ((-2, 401), (2, 401), (-1, 303), (-1, 401), (0, 303), (0, 401), (1, 303), (0, 401)):
        assert send_code(first_step(app), phone.code(steps)).status_code == status, steps


@ON_BOTH
def test_a_form_sent_twice_adds_one_app(app: Flask, team: Team, clock: SetClock) -> None:
    """Two apps with one secret would accept each code twice."""
    owner = team.join()
    page = owner.read("profile/authenticator-apps/new")
    phone, form = read_secret(page), find_form(page, "authenticator-apps")
    statuses: list[int] = []

    def send() -> None:
        statuses.append(press(owner, form, name="Phone", code=phone.code()).status_code)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [200, 409]
    with app.app_context():
        assert (db.session.query(TotpFactor).count(), db.session.query(RecoveryCode).count()) == (1, 10)
    clock.forward(seconds=60)
    assert [send_code(first_step(app), phone.code()).status_code for _ in range(2)] == [303, 401]


@ON_BOTH
def test_codes_that_are_renewed_twice_at_once_are_ten(app: Flask, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = team.join()
    add_app(owner)
    both_here, delete_codes = threading.Barrier(2), recovery_codes.delete_codes

    def delete_together(user_id: UUID) -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            # If the requests exclude each other, one never comes.
            both_here.wait(timeout=0.3)
        delete_codes(user_id)

    monkeypatch.setattr(recovery_codes, "delete_codes", delete_together)
    form = find_form(owner.read("profile"), "recovery-codes")
    threads = [threading.Thread(target=press, args=(owner, form)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert db.session.query(RecoveryCode).count() == 10


@ON_BOTH
def test_of_two_simultaneous_uses_of_a_code_one_signs_in(app: Flask, team: Team, clock: SetClock) -> None:
    phone, codes = add_app(team.join())
    clock.forward(seconds=60)
    for code in (phone.code(), codes[0]):
        browsers = [first_step(app) for _ in range(3)]
        statuses: list[int] = []

        def send(browser: Console, code: str = code, statuses: list[int] = statuses) -> None:
            statuses.append(send_code(browser, code).status_code)

        threads = [threading.Thread(target=send, args=(browser,)) for browser in browsers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [303, 401, 401]


def test_a_recovery_code_works_once_in_any_spelling(app: Flask, team: Team) -> None:
    owner = team.join()
    _, codes = add_app(owner)
    assert len({*codes}) == 10
    assert send_code(first_step(app), codes[0].upper().replace("-", " ")).status_code == 303
    assert send_code(first_step(app), codes[0]).status_code == 401
    assert "9 unused" in owner.read("profile").text

    page = press(owner, find_form(owner.read("profile"), "recovery-codes"))
    assert page.headers["Cache-Control"] == "no-store"
    assert send_code(first_step(app), codes[1]).status_code == 401
    new_code = read(page.text).one("pre").text.split()[0]
    assert send_code(first_step(app), new_code).status_code == 303


def test_the_code_page_needs_a_correct_password_and_its_account_unchanged(
    app: Flask, team: Team, clock: SetClock
) -> None:
    phone, _ = add_app(team.join())
    clock.forward(seconds=60)
    assert send_code(Console(app), phone.code()).status_code == 401
    late, changed = first_step(app), first_step(app)
    set_password(Console(app), team.new_code(), "copper window seventeen lake")
    assert send_code(changed, phone.code()).status_code == 401
    clock.forward(minutes=10, seconds=1)
    assert send_code(late, phone.code()).status_code == 401
    disabled = first_step(app, EMAIL, "copper window seventeen lake")
    with app.app_context():
        users.set_disabled(user_of(EMAIL), True, product_clock.now())
        db.session.commit()
    assert send_code(disabled, phone.code()).status_code == 401


def test_a_password_link_does_not_replace_the_second_factor(app: Flask, team: Team, clock: SetClock) -> None:
    phone, _ = add_app(team.join())
    clock.forward(seconds=60)
    browser = Console(app)
    answer = set_password(browser, team.new_code(), "copper window seventeen lake")
    assert answer.headers["Location"] == SECOND_STEP
    assert browser.get("profile").status_code == 401
    assert send_code(browser, phone.code()).status_code == 303


def test_codes_are_limited_and_refusals_are_equal(app: Flask, team: Team, clock: SetClock) -> None:
    """Refuse a wrong, a used and another user's code alike, and guesses after ten (C8)."""
    phone, codes = add_app(team.join())
    _, foreign_codes = add_app(team.join("ben@shop.example"))
    browser = first_step(app)
    pages = {send_code(browser, code).text for code in ("000000", phone.code(), foreign_codes[0], "", "x" * 999, "\0")}
    assert len(pages) == 1 and "Wrong or used code" in pages.pop()
    while (answer := send_code(browser, "123")).status_code == 401:
        pass
    assert answer.status_code == 429 and 0 < int(answer.headers["Retry-After"]) <= 15 * 60
    assert send_code(browser, codes[0]).status_code == 429
    assert send_code(first_step(app), codes[0]).status_code == 429, "a new first step does not reset the limit"
    assert send_code(first_step(app, "ben@shop.example"), foreign_codes[0]).status_code == 303


def test_a_forged_second_step_is_refused(app: Flask, team: Team) -> None:
    add_app(team.join())
    browser = first_step(app)
    cookie = browser.client.get_cookie("tilfreds-step")
    assert cookie is not None and cookie.http_only and cookie.same_site == "Strict"
    for value in (cookie.value[:-2] + "AA", "", "tfs_x.y", browser.app.config["SECRET_KEYS"][0].hex()):
        browser.client.set_cookie("tilfreds-step", value)
        assert send_code(browser, "000000").status_code == 401
        assert browser.client.get(SECOND_STEP).status_code == 303
    assert browser.client.post(SECOND_STEP, headers={"Origin": "https://evil.example"}).status_code == 403


def test_a_set_up_page_is_repeated_with_its_secret_until_it_expires(team: Team, clock: SetClock) -> None:
    browser = team.join()
    page = browser.read("profile/authenticator-apps/new")
    form, phone = find_form(page, "authenticator-apps"), read_secret(page)
    assert [*page.all("svg", klass="segno")] and "style" not in page.one("svg", klass="segno").attributes
    for name, code in (("My phone", "000000"), ("\0", phone.code()), ("", phone.code())):
        answer = press(browser, form, name=name, code=code)
        assert answer.status_code == 422, name
        again = read(answer.text)
        assert read_secret(again).secret == phone.secret
    clock.forward(minutes=16)
    expired = press(browser, form, name="My phone", code=phone.code(), proof_password=PASSWORD)
    assert expired.status_code == 422 and read_secret(read(expired.text)).secret != phone.secret
    assert not [one for one in browser.read("profile").all("form") if one["action"].endswith("/remove")]


def test_a_set_up_belongs_to_its_user(team: Team) -> None:
    ann, ben = team.join(), team.join("ben@shop.example")
    page = ann.read("profile/authenticator-apps/new")
    phone, setup = read_secret(page), find_form(page, "authenticator-apps").value("setup")
    form = find_form(ben.read("profile/authenticator-apps/new"), "authenticator-apps")
    assert press(ben, form, setup=setup, name="Phone", code=phone.code()).status_code == 422


@ON_BOTH
def test_a_new_factor_and_a_removed_one_end_the_other_sessions(app: Flask, team: Team, clock: SetClock) -> None:
    browser, other = team.join(), Console(app)
    sign_in(other)
    phone, _ = add_app(browser)
    assert (browser.get("profile").status_code, other.get("profile").status_code) == (200, 401)
    clock.forward(seconds=60)
    send_code(other := first_step(app), phone.code())
    form = find_form(browser.read("profile"), "/remove")

    assert press(browser, form).status_code == 303

    assert (browser.get("profile").status_code, other.get("profile").status_code) == (200, 401)
    assert sign_in(Console(app)).headers["Location"] == "/console/"
    with app.app_context():
        assert not db.session.query(TotpFactor).count() + db.session.query(RecoveryCode).count()


def test_a_factor_of_another_user_looks_like_a_missing_one(app: Flask, team: Team) -> None:
    """Answer for a foreign factor as for a missing one (C1)."""
    ann, ben = team.join(), team.join("ben@shop.example")
    add_app(ann)
    path = find_form(ann.read("profile"), "/remove")["action"]
    missing = path.replace(path.split("/")[-2], "01890000-0000-7000-8000-000000000000")
    token = find_form(ben.read("profile"), "sign-out").value("form_token")
    answers = [ben.client.post(address, data={"form_token": token}) for address in (path, missing)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text.replace(path, missing) == answers[1].text
    assert first_step(app)


def test_an_owner_removes_the_factors_of_a_person_who_lost_them(app: Flask, team: Team, console: Console) -> None:
    ben = team.join("ben@shop.example")
    add_app(ben)
    form = find_form(console.read("users"), "/remove-factors")
    assert press(console, form).status_code == 303
    assert ben.get("profile").status_code == 401
    assert sign_in(Console(app), "ben@shop.example").headers["Location"] == "/console/"
    assert not [one for one in console.read("users").all("form") if one["action"].endswith("/remove-factors")]


def test_secrets_reach_neither_database_nor_log_nor_a_later_page(
    app: Flask, team: Team, caplog: pytest.LogCaptureFixture, clock: SetClock
) -> None:
    """Search for the secret and the codes wherever they must not be (C13)."""
    caplog.set_level(logging.DEBUG)
    browser = team.join()
    phone, codes = add_app(browser)
    clock.forward(seconds=60)
    send_code(first_step(app), phone.code())
    send_code(first_step(app), codes[0])
    with app.app_context():
        stored = [
            str(value)
            for model in (TotpFactor, RecoveryCode, LoginSession)
            for row in db.session.query(model)
            for value in vars(row).values()
        ]
    pages = [browser.get(path).text for path in ("profile", "users", "")]
    texts = [*stored, *pages, *(record.getMessage() for record in caplog.records)]
    for secret in (phone.secret, *codes, codes[0].replace("-", "")):
        assert not [text for text in texts if secret in text]


def test_a_changed_server_secret_leaves_the_recovery_codes(app: Flask, team: Team, clock: SetClock) -> None:
    phone, codes = add_app(team.join())
    clock.forward(seconds=60)
    app.config["SECRET_KEYS"] = (b"n" * 32, *app.config["SECRET_KEYS"])
    assert send_code(first_step(app), phone.code()).status_code == 303
    app.config["SECRET_KEYS"] = (b"n" * 32,)
    clock.forward(seconds=60)
    browser = first_step(app)
    assert send_code(browser, phone.code()).status_code == 401
    assert send_code(browser, codes[0]).status_code == 303


def user_of(email: str) -> Any:
    user = users.find_user(email)
    assert user is not None
    return user


def test_a_person_has_at_most_ten_apps(app: Flask, team: Team, clock: SetClock) -> None:
    browser = team.join()
    add_app(browser)
    with app.app_context():
        user = user_of(EMAIL)
        for _ in range(9):
            factor = TotpFactor(user_id=user.id, name="x", sealed=b"", last_step=0, created_at=product_clock.now())
            db.session.add(factor)
        db.session.commit()
        assert factors.has_factor(user.id)
    page = browser.read("profile/authenticator-apps/new")
    form = find_form(page, "authenticator-apps")
    assert press(browser, form, name="One more", code=read_secret(page).code()).status_code == 409


def test_the_second_step_makes_another_session_and_pins_its_cookies(app: Flask, team: Team, clock: SetClock) -> None:
    """Accept no session id from before the sign-in (C9), and tie both cookies to the host over TLS (C12)."""
    _, codes = add_app(team.join())
    browser = Console(app)
    browser.client.set_cookie("tilfreds", "chosen-by-a-stranger")
    sign_in(browser)
    answer = send_code(browser, codes[0])
    cookie = browser.client.get_cookie("tilfreds")
    assert cookie is not None and cookie.value != "chosen-by-a-stranger" and len(cookie.value) >= 43
    assert browser.client.get_cookie("tilfreds-step") is None
    app.config["PUBLIC_URL"] = "https://rate.example"
    pinned = sign_in(Console(app))
    assert "no-store" in pinned.headers["Cache-Control"] and "no-store" in answer.headers["Cache-Control"]
    set_cookie = pinned.headers["Set-Cookie"]
    assert set_cookie.startswith("__Host-tilfreds-step=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= {part.strip() for part in set_cookie.split(";")}
