"""People with second factors in tests: an authenticator app, and the steps of a sign-in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pyotp
from flask import Flask

from widget_server.core import clock

from .conftest import Console
from .html import Element, read
from .test_passwords import EMAIL, PASSWORD, sign_in
from .test_profile import find_form, press

SECOND_STEP = "/console/sign-in/second-step"


@dataclass
class AuthenticatorApp:
    """What the app on a person's phone knows."""

    secret: str

    def code(self, steps_ahead: int = 0) -> str:
        app = pyotp.TOTP(self.secret)
        return app.generate_otp(app.timecode(clock.now()) + steps_ahead)


def read_secret(page: Element) -> AuthenticatorApp:
    """Return an app that has the secret which a set-up page shows as text."""
    return AuthenticatorApp("".join(page.one("pre").text.split()))


def add_app(browser: Console, name: str = "Phone") -> tuple[AuthenticatorApp, list[str]]:
    """Add an authenticator app as a person does; return it with the recovery codes that the answer shows."""
    page = browser.read("profile/authenticator-apps/new")
    app = read_secret(page)
    answer = press(browser, find_form(page, "authenticator-apps"), name=name, code=app.code())
    assert answer.status_code in (200, 303), answer.text
    return app, re.findall(r"(?:[a-z2-7]{4}-){3}[a-z2-7]{4}", read(answer.text).text) if answer.text else []


def first_step(app: Flask, email: str = EMAIL, password: str = PASSWORD, **fields: str) -> Console:
    """Return a browser that has sent the right password of a user with a factor."""
    browser = Console(app)
    answer = sign_in(browser, email, password, **fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, SECOND_STEP), answer.text
    return browser


def send_code(browser: Console, code: str) -> Any:
    return browser.client.post(SECOND_STEP, data={"code": code})
