"""The mails of accounts: forgotten passwords, invitations, and warnings about changes and new browsers."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from flask import Flask

from tests.databases import ON_BOTH
from tests.factories import Make
from tests.frozen_clock import SetClock
from tests.mailbox import SENDER, Mailbox
from widget_server.accounts import reset_requests, users
from widget_server.accounts.models import AccountLink
from widget_server.core import clock as product_clock
from widget_server.core.config import Config
from widget_server.jobs import sender
from widget_server.outbound.models import Delivery
from widget_server.storage.db import db

from .authenticator import SoftwareKey
from .conftest import Console
from .factors import add_app, first_step, send_code
from .html import read
from .test_passkeys import add as add_passkey
from .test_passwords import EMAIL, PASSWORD, Team, set_password, sign_in, team
from .test_profile import find_form, press

__all__ = ["team"]
#: Headers that differ between any two answers.
OF_ONE_ANSWER = ("Date", "X-Request-Id", "Content-Length")
NEW_PASSWORD = "copper meadow lantern seven"


@pytest.fixture
def config(config: Config, mailbox: Mailbox) -> Config:
    return dataclasses.replace(config, smtp_url=mailbox.url, smtp_from=SENDER)


def send_all(app: Flask) -> None:
    while sender.send_next(app):
        pass


def request_link(browser: Console, email: str = EMAIL) -> Any:
    return browser.client.post("/console/forgot-password", data={"email": email})


def subjects(app: Flask, mailbox: Mailbox) -> list[str]:
    """Send what waits, and return the subjects of all mails."""
    send_all(app)
    return [str(mail["Subject"]) for mail in mailbox.mails]


@ON_BOTH
def test_a_forgotten_password_is_replaced_by_a_mailed_link(app: Flask, team: Team, mailbox: Mailbox) -> None:
    first = team.join()
    page = request_link(Console(app), " Ann@Shop.example ")
    assert page.status_code == 200
    assert subjects(app, mailbox) == ["Set a new password"]
    assert mailbox.recipients == [EMAIL]
    link = mailbox.last_link()
    assert link.startswith("http://localhost/console/set-password#")

    assert set_password(Console(app), link, NEW_PASSWORD).status_code == 303
    assert set_password(Console(app), link, NEW_PASSWORD).status_code == 403

    assert sign_in(Console(app), EMAIL, PASSWORD).status_code == 401
    assert first.get("profile").status_code == 401, "a new password ends all sessions"
    assert subjects(app, mailbox)[1:] == ["Your password was changed"]
    with app.app_context():
        code = link.partition("#")[2]
        assert code not in str([vars(row) for row in db.session.query(AccountLink)])
        assert [row.payload for row in db.session.query(Delivery)] == [None] * 3


def test_an_operator_who_removes_second_factors_is_reported(
    app: Flask, team: Team, make: Make, mailbox: Mailbox
) -> None:
    add_app(team.join())
    subjects(app, mailbox)
    [user] = make.operator().get("/users").get_json()["users"]
    assert make.operator().delete(f"/users/{user['id']}/factors").status_code == 200
    assert subjects(app, mailbox)[-1] == "Sign-in codes were turned off"


def test_the_answer_is_the_same_with_and_without_account(app: Flask, team: Team, mailbox: Mailbox) -> None:
    team.join()
    team.join("gone@shop.example")
    with app.app_context():
        gone = users.find_user("gone@shop.example")
        assert gone is not None
        users.set_disabled(gone, True, product_clock.now())
        db.session.commit()
    answers = []
    for email in (EMAIL, "gone@shop.example", "unknown@shop.example"):
        answer = request_link(Console(app), email)
        headers = {
            name: value for name, value in answer.headers if name not in ("Date", "X-Request-Id", "Content-Length")
        }
        answers.append((answer.status_code, answer.text.replace(email, "ADDRESS"), headers))
    assert answers[0] == answers[1] == answers[2]
    with app.app_context():
        waiting = [(row.kind, row.attempts, len(row.payload or b"") > 0) for row in db.session.query(Delivery)]
        columns = str([vars(row) for row in db.session.query(Delivery)])
    assert waiting == [(reset_requests.KIND, 0, True)] * 3
    assert "shop.example" not in columns, "people also type passwords into the wrong field"
    send_all(app)
    assert mailbox.recipients == [EMAIL]


def test_a_reset_link_expires_after_an_hour(app: Flask, team: Team, mailbox: Mailbox, clock: SetClock) -> None:
    team.join()
    request_link(Console(app))
    send_all(app)
    clock.forward(minutes=59)
    assert set_password(Console(app), mailbox.last_link(), "short").status_code == 422
    clock.forward(minutes=1)
    assert set_password(Console(app), mailbox.last_link(), NEW_PASSWORD).status_code == 403


def test_a_request_takes_no_invitation_away(app: Flask, team: Team, mailbox: Mailbox) -> None:
    code = team.invite("new@shop.example")
    request_link(Console(app), "new@shop.example")
    assert subjects(app, mailbox) == ["You are invited to Tilfreds"]
    assert set_password(Console(app), code).status_code == 303
    assert set_password(Console(app), mailbox.last_link()).status_code == 403, "the first use ends the other link"


def test_requests_are_limited_for_each_account_and_each_source(app: Flask, team: Team) -> None:
    team.join()
    for email in (EMAIL, "unknown@shop.example"):
        assert [request_link(Console(app), email).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert request_link(Console(app), "no address").status_code == 422
    assert [request_link(Console(app), "another@shop.example").status_code for _ in range(2)] == [200, 429]


def test_requests_of_other_sites_are_refused(app: Flask) -> None:
    headers = {"Origin": "https://evil.example"}
    refused = Console(app).client.post("/console/forgot-password", data={"email": EMAIL}, headers=headers)
    assert refused.status_code == 403


def test_without_mail_server_links_are_shown_to_copy(app: Flask, console: Console, team: Team) -> None:
    app.config["TILFREDS"] = dataclasses.replace(app.config["TILFREDS"], smtp_url="", smtp_from="")
    browser = team.join()
    assert "Ask an owner" in console.read("forgot-password").text
    assert request_link(Console(app)).status_code == 200
    form = find_form(console.read("users"), "/users")
    page = press(console, form, email="ben@shop.example", name="Ben", role="admin", site="")
    assert "Send this link" in read(page.text).one("section", klass="notice").text
    assert sign_in(Console(app)).status_code == 303
    assert browser.get("profile").status_code == 200
    with app.app_context():
        assert db.session.query(Delivery).count() == 0


@ON_BOTH
def test_an_invitation_is_mailed_and_shown(app: Flask, console: Console, mailbox: Mailbox, make: Make) -> None:
    form = find_form(console.read("users"), "/users")
    page = press(console, form, email="ben@shop.example", name="Ben", role="admin", site="")
    notice = read(page.text).one("section", klass="notice")
    assert "on its way" in notice.text
    send_all(app)
    assert mailbox.last_link() == notice.one("pre").text

    answer = make.operator().post("/users", {"email": "cem@shop.example", "role": "admin"}).get_json()
    assert answer["mailed"] is True
    send_all(app)
    assert (mailbox.recipients[-1], mailbox.last_link()) == ("cem@shop.example", answer["link"])
    assert set_password(Console(app), mailbox.last_link()).status_code == 303
    assert subjects(app, mailbox) == ["You are invited to Tilfreds"] * 2


def test_only_a_sign_in_from_a_new_browser_is_reported(app: Flask, team: Team, mailbox: Mailbox) -> None:
    known_browser = team.join()
    assert subjects(app, mailbox) == [], "the invitation itself is no surprise"
    assert sign_in(known_browser).status_code == 303
    assert subjects(app, mailbox) == []

    other = Console(app)
    for _ in range(2):
        assert sign_in(other).status_code == 303
    assert subjects(app, mailbox) == ["New sign-in to your account"]

    team.join("ben@shop.example")
    assert sign_in(other, "ben@shop.example").status_code == 303
    assert subjects(app, mailbox)[1:] == ["New sign-in to your account"], "a browser is known for each user"
    assert mailbox.recipients[1:] == ["ben@shop.example"]
    assert sign_in(other).status_code == 303
    assert len(subjects(app, mailbox)) == 2


def test_a_new_password_makes_every_browser_unknown(app: Flask, team: Team, mailbox: Mailbox) -> None:
    owner, attacker = team.join(), Console(app)
    sign_in(attacker)
    fields = {"current_password": PASSWORD, "password": NEW_PASSWORD}
    assert press(owner, find_form(owner.read("profile"), "/password"), **fields).status_code == 303
    assert sign_in(attacker, EMAIL, NEW_PASSWORD).status_code == 303
    assert subjects(app, mailbox) == [
        "New sign-in to your account",
        "Your password was changed",
        "New sign-in to your account",
    ]


def test_a_forged_device_is_unknown(app: Flask, team: Team, mailbox: Mailbox) -> None:
    team.join()
    for value in ("", "x", "tfd_x.y", "\U0001f600"):
        browser = Console(app)
        browser.client.set_cookie("tilfreds-device", value)
        assert sign_in(browser).status_code == 303
    assert len(subjects(app, mailbox)) == 4


def test_changes_of_a_second_factor_are_reported(app: Flask, team: Team, mailbox: Mailbox, console: Console) -> None:
    ann = team.join()
    add_app(ann)
    press(ann, find_form(ann.read("profile"), "/recovery-codes"))
    press(ann, find_form(ann.read("profile"), "/remove"))
    assert subjects(app, mailbox) == [
        "Sign-in codes were turned on",
        "New recovery codes were created",
        "Sign-in codes were turned off",
    ]
    add_app(ann)
    press(console, find_form(console.read("users"), "/remove-factors"))
    assert subjects(app, mailbox)[4:] == ["Sign-in codes were turned off"]


def test_names_cannot_change_a_mail(app: Flask, team: Team, mailbox: Mailbox, console: Console) -> None:
    form = find_form(console.read("users"), "/users")
    name = '<a href="https://evil.example">Press</a>'
    press(console, form, email="ben@shop.example", name=name, role="admin", site="")
    send_all(app)
    html = mailbox.mails[0].get_body(("html",))
    assert html is not None
    assert '<a href="https://evil' not in html.get_content()
    assert "&lt;a href=" in html.get_content()


def test_changes_of_factors_and_used_recovery_codes_are_mailed(
    app: Flask, team: Team, mailbox: Mailbox, clock: SetClock
) -> None:
    browser = team.join()
    _, codes = add_app(browser)
    assert add_passkey(browser, SoftwareKey()).status_code == 303
    press(browser, find_form(browser.read("profile"), "/remove"))
    send_code(first_step(app), codes[0])
    clock.forward(minutes=10)
    form = find_form(browser.read("confirm"), "/confirm")
    assert press(browser, form, proof_code=codes[1]).status_code == 303
    mailed_subjects = subjects(app, mailbox)
    assert [one for one in mailed_subjects if "sign-in" not in one] == [
        "Sign-in codes were turned on",
        "A passkey was added",
        "A passkey was removed",
        "A recovery code was used",
        "A recovery code was used",
    ]


def test_mails_are_in_the_language_of_the_user_or_of_the_page(app: Flask, team: Team, mailbox: Mailbox) -> None:
    browser = team.join()
    german = {"Accept-Language": "de"}
    browser.client.post("/console/forgot-password", data={"email": EMAIL}, headers=german)
    assert subjects(app, mailbox) == ["Neues Passwort festlegen"]
    html = mailbox.mails[-1].get_body(("html",))
    assert html is not None and '<html lang="de">' in html.get_content()

    press(browser, find_form(browser.read("profile"), "/language"), language="da")
    browser.client.post("/console/forgot-password", data={"email": EMAIL}, headers=german)
    assert subjects(app, mailbox)[1:] == ["Angiv en ny adgangskode"]
