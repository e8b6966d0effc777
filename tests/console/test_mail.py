"""The page of the mail server: who may set it, the test mail, and the mails that were not sent."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.databases import ON_BOTH
from tests.mailbox import SENDER, Mailbox
from widget_server.core import clock as product_clock
from widget_server.core.config import Config
from widget_server.jobs import sender
from widget_server.outbound import mail_server
from widget_server.outbound.mail_server import MailServer
from widget_server.outbound.mails import Mail, Mailer
from widget_server.outbound.models import ServerSetting
from widget_server.storage.db import db

from .conftest import Console
from .html import Element, read
from .test_passwords import Team, team
from .test_profile import find_form, press

__all__ = ["team"]
SECRET = "the password of the relay"


@pytest.fixture
def config(config: Config) -> Config:
    return dataclasses.replace(config, allowed_internal_hosts=("127.0.0.1",))


def save(console: Console, **changes: Any) -> Any:
    fields = {"host": "127.0.0.1", "port": "25", "tls": "none", "user": "", "password": "", "sender": SENDER}
    fields |= {name: str(value) for name, value in changes.items()}
    return press(console, find_form(console.read("mail"), "/mail"), **fields)


def send_test(console: Console, recipient: str = "ann@shop.example") -> tuple[int, str]:
    """Return the status and what the page says."""
    response = press(console, find_form(console.read("mail"), "/test"), recipient=recipient)
    page = read(response.text)
    notices = [*page.all("p", klass="notice"), *page.all("p", klass="problem")]
    return response.status_code, notices[0].text


def stored(app: Flask) -> MailServer | None:
    with app.app_context():
        return mail_server.stored_mail_server(app.config["SECRET_KEYS"])


def test_a_port_is_a_short_number(app: Flask, console: Console) -> None:
    for port in ("0", "65536", "-1", "2 5", "", "0000019999999", "000001" + "9" * 5_000):
        assert (port[:20], save(console, port=port).status_code) == (port[:20], 422)
    assert stored(app) is None


@ON_BOTH
def test_an_owner_sets_the_mail_server_and_sends_a_test_mail(app: Flask, console: Console, mailbox: Mailbox) -> None:
    assert not [form for form in console.read("mail").all("form") if form["action"].endswith("/test")]
    assert save(console, port=mailbox.port).status_code == 303

    status, notice = send_test(console)

    assert (status, "accepted the mail" in notice) == (200, True), notice
    assert mailbox.recipients == ["ann@shop.example"]
    assert str(mailbox.mails[0]["From"]) == SENDER
    assert press(console, find_form(console.read("mail"), "/remove")).status_code == 303
    assert stored(app) is None


def test_the_password_is_sealed_and_never_shown_again(app: Flask, console: Console) -> None:
    secured = {"tls": "tls", "port": 465, "user": "relay"}
    assert save(console, password=SECRET, **secured).status_code == 303
    assert SECRET not in console.get("mail").text
    with app.app_context():
        [setting] = db.session.query(ServerSetting)
        assert SECRET.encode() not in setting.value
    assert save(console, sender="other@shop.example", **secured).status_code == 303
    server = stored(app)
    assert server is not None
    assert (server.password, server.sender) == (SECRET, "other@shop.example")

    for elsewhere in ({"host": "evil.example"}, {"port": 25}, {"user": "another"}):
        refused = save(console, **{**secured, **elsewhere})
        assert refused.status_code == 422, "another server would get the stored password"
        assert "Enter the password" in read(refused.text).one("p", klass="problem").text


def test_invalid_fields_are_refused_and_kept(console: Console, app: Flask) -> None:
    refusals: list[tuple[dict[str, Any], str]] = [
        ({"host": ""}, "host"),
        ({"host": "http://mail.example"}, "host"),
        ({"host": "x" * 300}, "254"),
        ({"port": "0"}, "port"),
        ({"port": "65536"}, "port"),
        ({"port": "٢٥"}, "port"),
        ({"tls": "other"}, "encryption"),
        ({"sender": "nobody"}, "sender"),
        ({"sender": "a@b.example Bcc: c@d.example"}, "sender"),
        ({"user": "relay", "password": SECRET}, "TLS"),
    ]
    for fields, word in refusals:
        page = save(console, **fields)
        form = read(page.text)
        assert (page.status_code, word in form.one("p", klass="problem").text) == (422, True), fields
        assert find_form(form, "/mail").value("sender") == fields.get("sender", SENDER)
        assert SECRET not in page.text
    assert stored(app) is None


def test_the_test_says_what_is_wrong(console: Console, mailbox: Mailbox, app: Flask) -> None:
    save(console, host="mail.invalid", port=mailbox.port)
    assert "cannot be resolved" in send_test(console)[1]
    save(console, host="127.0.0.2", port=mailbox.port)
    assert "internal address 127.0.0.2" in send_test(console)[1]
    save(console, port=mailbox.port, tls="starttls")
    assert "STARTTLS" in send_test(console)[1]
    save(console, port=mailbox.port)
    mailbox.replies["MAIL"] = "553 Not your address"
    reason = "refused the sender ratings@shop.example: 553 Not your address"
    assert send_test(console) == (422, f"127.0.0.1, port {mailbox.port}, {reason}")
    assert send_test(console, "no address")[0] == 422
    statuses = {send_test(console)[0] for _ in range(6)}
    assert 429 in statuses


def test_the_environment_replaces_the_console(app: Flask, console: Console, mailbox: Mailbox) -> None:
    save(console, host="mail.invalid")
    config: Config = app.config["TILFREDS"]
    app.config["TILFREDS"] = dataclasses.replace(
        config, smtp_url=mailbox.url, smtp_from=SENDER, allowed_internal_hosts=()
    )
    page = console.read("mail")
    assert f"127.0.0.1:{mailbox.port}" in page.text
    assert [form["action"] for form in page.all("form") if "mail" in form["action"]] == ["/console/mail/test"]
    assert send_test(console)[0] == 200


def test_a_mail_that_was_given_up_is_sent_again(app: Flask, console: Console, mailbox: Mailbox) -> None:
    save(console, port=mailbox.port)
    mailbox.replies["RCPT"] = "550 Mailbox full"
    with app.app_context():
        now = product_clock.now()
        mail = Mail("Subject", "Hello,", [], "Open", "http://localhost/", "Note.", "Tilfreds")
        Mailer(app.config["TILFREDS"]).enqueue(
            "ann@shop.example", mail, dedupe_key="a", now=now, expires_at=now + timedelta(days=1)
        )
        db.session.commit()
    assert "Waiting for" in entries(console)[0].text
    sender.send_next(app)
    assert "550 Mailbox full" in entries(console)[0].text

    mailbox.replies.clear()
    again = find_form(console.read("mail"), "/send")
    assert press(console, again).status_code == 303
    assert press(console, again).status_code == 409
    assert sender.send_next(app)

    assert len(mailbox.mails) == 1
    assert "Every mail was sent." in console.read("mail").text


def entries(console: Console) -> list[Element]:
    return list(console.read("mail").one("ul", klass="entries").all("li"))


def test_only_owners_of_all_sites_see_and_change_it(team: Team) -> None:
    admin = team.join("ben@shop.example", "admin")
    assert admin.get("mail").status_code == 403
    assert "console/mail" not in admin.get("profile").text
    for path in ("mail", "mail/remove", "mail/test"):
        assert admin.client.post(f"/console/{path}").status_code == 403
