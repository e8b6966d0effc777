"""Sign in with a password, set one with a link, and the limits of both."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import threading
from typing import Any

import pytest
from argon2 import extract_parameters
from flask import Flask

from tests.conftest import SHIPPED_HASHER
from tests.databases import ON_BOTH, ON_POSTGRESQL
from tests.factories import MadeSite
from tests.frozen_clock import SetClock
from widget_server.accounts import account_links, passwords, users
from widget_server.accounts import sign_in as login
from widget_server.accounts.models import AccountLink, LoginSession, User
from widget_server.accounts.roles import Role
from widget_server.core import clock as product_clock
from widget_server.core.config import Config
from widget_server.core.errors import Invalid, TooMany
from widget_server.storage.db import db

from .conftest import Console
from .html import read

EMAIL = "ann@shop.example"
PASSWORD = "violet harbour ladder nine"


@pytest.fixture
def config(config: Config) -> Config:
    return dataclasses.replace(config, session_idle_hours=12)


class Team:
    """Users of the server and their browsers."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def invite(self, email: str = EMAIL, role: Role = "owner", site_id: Any = None) -> str:
        """Create a user and return the code of the link."""
        with self.app.app_context():
            user = users.create_user(email, "", role, site_id)
            code = self._make_code(user)
            db.session.commit()
        return code

    def new_code(self, email: str = EMAIL) -> str:
        with self.app.app_context():
            user = users.find_user(email)
            assert user is not None
            code = self._make_code(user)
            db.session.commit()
        return code

    @staticmethod
    def _make_code(user: User) -> str:
        link, _ = account_links.create_link("http://localhost", user, product_clock.now())
        return link.partition("#")[2]

    def join(self, email: str = EMAIL, role: Role = "owner", site_id: Any = None) -> Console:
        """Return the browser of a new user who has just set a password."""
        browser = Console(self.app)
        response = set_password(browser, self.invite(email, role, site_id))
        assert response.status_code == 303, response.text
        return browser


def set_password(browser: Console, code: str, password: str = PASSWORD) -> Any:
    return browser.client.post("/console/set-password", data={"code": code, "password": password})


def sign_in(browser: Console, email: str = EMAIL, password: str = PASSWORD, **fields: str) -> Any:
    return browser.client.post("/console/sign-in", data={"email": email, "password": password, **fields})


@pytest.fixture
def team(app: Flask) -> Team:
    return Team(app)


@ON_BOTH
def test_a_user_sets_a_password_with_the_link_and_signs_in_with_it(app: Flask, team: Team, site: MadeSite) -> None:
    first = team.join()
    assert first.read(f"{site.key}/conversations")

    other = Console(app)
    answer = sign_in(other, " ANN@Shop.example ")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/")
    assert other.read("profile").one("h1").text == "Profile"
    assert first.get("profile").status_code == 200


@ON_BOTH
def test_a_link_sets_a_password_once(app: Flask, team: Team) -> None:
    code = team.invite()
    assert set_password(Console(app), code, "too easy").status_code == 422
    assert set_password(Console(app), f"http://localhost/console/set-password#{code}").status_code == 303

    for refused_code in (code, code[:-1], "", "x" * 2_000, "\0"):
        answer = set_password(Console(app), refused_code)
        assert answer.status_code == 403, refused_code
        assert "used before" in read(answer.text).one("p", klass="problem").text


@ON_POSTGRESQL
def test_a_password_that_is_replaced_during_the_sign_in_opens_no_session(
    app: Flask, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.join()
    code, browser, check_password = team.new_code(), Console(app), login.check_password

    def set_new_password() -> None:
        assert set_password(Console(app), code, "copper window seventeen lake").status_code == 303

    def replace_after(*arguments: Any) -> User:
        user = check_password(*arguments)
        thread = threading.Thread(target=set_new_password)
        thread.start()
        thread.join()
        return user

    monkeypatch.setattr(login, "check_password", replace_after)
    assert sign_in(browser).status_code == 401
    assert browser.get("profile").status_code == 401


def test_a_new_link_replaces_the_earlier_one_and_expires(app: Flask, team: Team, clock: SetClock) -> None:
    first = team.invite()
    second = team.new_code()
    assert set_password(Console(app), first).status_code == 403
    clock.forward(days=6, hours=23)
    assert set_password(Console(app), second).status_code == 303

    reset = team.new_code()
    clock.forward(hours=1, seconds=1)
    assert set_password(Console(app), reset).status_code == 403


def test_the_database_holds_neither_password_nor_code(app: Flask, team: Team) -> None:
    code = team.invite()
    set_password(Console(app), code)
    with app.app_context():
        values = [
            str(value)
            for model in (User, AccountLink, LoginSession)
            for row in db.session.query(model)
            for value in vars(row).values()
        ]
    assert not [value for value in values if code in value or PASSWORD in value]
    assert any(value.startswith("$argon2id$") for value in values)


def test_hashes_cost_what_owasp_recommends_also_for_an_unknown_address() -> None:
    parameters = extract_parameters(SHIPPED_HASHER.hash(PASSWORD))
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (19 * 1024, 2, 1)
    assert extract_parameters(passwords.UNKNOWN_HASH) == parameters


def test_every_refusal_of_a_sign_in_is_the_same(app: Flask, team: Team) -> None:
    team.join()
    team.invite("new@shop.example")
    team.join("gone@shop.example")
    with app.app_context():
        gone = users.find_user("gone@shop.example")
        assert gone is not None
        users.set_disabled(gone, True, product_clock.now())
        db.session.commit()
    attempts = [
        (EMAIL, "wrong password here"),
        (EMAIL, ""),
        (EMAIL, PASSWORD + "x" * 200),
        ("nobody@shop.example", PASSWORD),
        ("new@shop.example", PASSWORD),
        ("gone@shop.example", PASSWORD),
        ("ann\0@shop.example", PASSWORD),
        ("", ""),
    ]
    for email, password in attempts:
        answer = sign_in(Console(app), email, password)
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (401, False), email
        form = read(answer.text)
        assert next(form.all("p", klass="problem")).text == "Unknown e-mail address or wrong password."
        assert password not in answer.text or not password


def test_guesses_are_limited_for_each_account_and_each_source(app: Flask, team: Team, monkeypatch: Any) -> None:
    monkeypatch.setattr(passwords, "is_correct", lambda *_: False)
    for _ in range(10):
        assert sign_in(Console(app)).status_code == 401
    limited = sign_in(Console(app))
    assert limited.status_code == 429
    assert 0 < int(limited.headers["Retry-After"]) <= 15 * 60
    for number in range(19):
        assert sign_in(Console(app), f"{number}@shop.example").status_code == 401
    assert sign_in(Console(app), "another@shop.example").status_code == 429


def test_people_who_wait_for_a_hash_are_few(team: Team) -> None:
    """Check that guesses cannot occupy the threads that receive votes."""
    with passwords._hash_lock:
        waiting = [threading.Thread(target=try_hash) for _ in range(passwords.MAX_WAITING)]
        for thread in waiting:
            thread.start()
        while passwords._waiting_slots._value:
            pass
        with pytest.raises(TooMany):
            passwords.is_correct(None, "x")
    for thread in waiting:
        thread.join()
    assert passwords.is_correct(passwords.to_hash("x"), "x")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no priorities of threads")
def test_hashes_are_computed_after_votes() -> None:
    """Check that the thread of the hashes has a lower priority than those that receive votes."""
    niceness = os.getpriority(os.PRIO_PROCESS, 0)
    for own_niceness in (niceness, max(niceness, passwords.NICENESS + 5)):
        program = (
            "import os, threading\n"
            f"os.setpriority(os.PRIO_PROCESS, 0, {own_niceness})\n"
            "from widget_server.accounts import passwords\n"
            "passwords.to_hash('x')\n"
            "thread = passwords._hash_thread.submit(threading.get_native_id).result()\n"
            "print(os.getpriority(os.PRIO_PROCESS, thread))\n"
        )
        output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        assert int(output) == max(own_niceness, passwords.NICENESS)


def try_hash() -> None:
    passwords.is_correct(None, "x")


@pytest.mark.parametrize("password", ["short", "x" * 129, "password1234", "ann@shop.example", "qwertyuiop12"])
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(Invalid):
        passwords.check_strength(password, [EMAIL])


def test_long_passwords_are_never_cut(app: Flask, team: Team) -> None:
    long_password = "violet harbour ladder nine " * 4
    assert set_password(Console(app), team.invite(), long_password).status_code == 303
    assert sign_in(Console(app), EMAIL, long_password[:-1]).status_code == 401
    assert sign_in(Console(app), EMAIL, long_password).status_code == 303


def test_a_sign_in_leads_to_the_page_that_was_asked_for_and_nowhere_else(
    app: Flask, team: Team, site: MadeSite, stranger: Console
) -> None:
    team.join()
    refused = stranger.read(f"{site.key}/articles", 401)
    link = next(link for link in refused.all("a") if "sign-in" in link["href"])
    next_path = next(read(stranger.client.get(link["href"]).text).all("form")).value("next")
    assert next_path == f"/console/{site.key}/articles"
    assert sign_in(stranger, next=next_path).headers["Location"] == next_path
    for foreign in ("//evil.example", "https://evil.example", "/console/\\evil", "/\t/evil", "/w/x", "javascript:x"):
        assert sign_in(Console(app), next=foreign).headers["Location"] == "/console/"


def test_forms_of_other_sites_are_refused(app: Flask, team: Team) -> None:
    code = team.invite()
    for path in ("sign-in", "set-password"):
        data = {"email": EMAIL, "password": PASSWORD, "code": code}
        headers = {"Origin": "https://evil.example"}
        assert Console(app).client.post(f"/console/{path}", data=data, headers=headers).status_code == 403


def test_a_session_ends_after_hours_without_use(app: Flask, team: Team, clock: SetClock) -> None:
    browser = team.join()
    for _ in range(3):
        clock.forward(hours=11, minutes=50)
        assert browser.get("profile").status_code == 200
    clock.forward(hours=12, minutes=1)
    assert browser.get("profile").status_code == 401


@ON_BOTH
def test_forms_and_pages_store_the_last_use(
    app: Flask, team: Team, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    browser = team.join()
    token = next(browser.read("profile").all("form")).value("form_token")
    for method in ("GET", "POST"):
        clock.forward(minutes=6)
        path = "/console/profile" if method == "GET" else "/console/profile/sessions/end-others"
        browser.client.open(path, method=method, data={"form_token": token})
        with app.app_context():
            assert [row.last_used_at for row in db.session.query(LoginSession)] == [clock.now()]
    assert not caplog.records
