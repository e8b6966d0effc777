"""Users from the command line; beside a running server the commands print the API call."""

from __future__ import annotations

import os

import pytest
from flask import Flask

from tests.back_end import Api
from tests.console.conftest import Console
from tests.console.factors import add_app, first_step
from tests.console.test_passwords import set_password, sign_in
from tests.factories import MadeSite
from widget_server.core.config import Config
from widget_server.storage import file_lock

from .test_owner import Run, run, send_curl_call

__all__ = ["run"]
EMAIL = "ann@shop.example"


@pytest.mark.slow
def test_a_user_is_invited_changed_and_disabled(app: Flask, run: Run, site: MadeSite) -> None:
    link = run("user", "add", EMAIL, "--role", "admin", "--site", site.key).stdout.strip()
    browser = Console(app)
    assert set_password(browser, link).status_code == 303
    assert browser.get(f"{site.key}/conversations").status_code == 200
    assert browser.get("users").status_code == 403

    assert f"{EMAIL}  admin:{site.key}" in run("user", "list").stdout

    run("user", "role", EMAIL, "owner")
    run("user", "role", EMAIL, "none", "--site", site.key)
    assert browser.get("users").status_code == 401
    sign_in(browser)
    assert browser.get("users").status_code == 200
    assert f"{EMAIL}  owner:all" in run("user", "list").stdout

    assert set_password(browser, run("user", "link", EMAIL).stdout.strip()).status_code == 303
    run("user", "disable", EMAIL)
    assert "(disabled)" in run("user", "list").stdout
    assert (browser.get("").status_code, sign_in(browser).status_code) == (401, 401)
    run("user", "enable", EMAIL)
    assert sign_in(browser).status_code == 303


def test_factors_of_a_person_who_lost_them_are_removed(app: Flask, run: Run) -> None:
    browser = Console(app)
    set_password(browser, run("user", "add", EMAIL).stdout.strip())
    add_app(browser)
    assert "second factor" in run("user", "list").stdout
    first_step(app)

    run("user", "remove-factors", EMAIL)

    assert browser.get("profile").status_code == 401
    assert sign_in(browser).headers["Location"] == "/console/"
    assert "second factor" not in run("user", "list").stdout


def test_wrong_users_are_refused_with_a_sentence(run: Run, site: MadeSite) -> None:
    run("user", "add", EMAIL)
    assert "has an account" in run("user", "add", EMAIL.upper(), status=2).stderr
    assert "e-mail address" in run("user", "add", "ann", status=2).stderr
    assert "tilfreds site list" in run("user", "add", "b@shop.example", "--site", "nowhere", status=2).stderr
    assert "tilfreds user list" in run("user", "disable", "b@shop.example", status=2).stderr


def test_beside_a_running_server_the_same_calls_are_printed(run: Run, site: MadeSite, api: Api, config: Config) -> None:
    run("user", "add", EMAIL)
    commands = [
        ("user", "add", "ben@shop.example", "--site", site.key),
        ("user", "role", EMAIL, "admin", "--site", site.key),
        ("user", "link", EMAIL),
        ("user", "disable", EMAIL),
        ("user", "enable", EMAIL),
        ("user", "remove-factors", EMAIL),
    ]
    operator = run("operator-token").stdout.strip()
    descriptor = file_lock.acquire(config)
    try:
        refusals = [run(*command, status=2).stderr for command in commands]
    finally:
        os.close(descriptor)
    for command, text in zip(commands, refusals, strict=True):
        answer = send_curl_call(api, text.replace("$(tilfreds operator-token)", operator))
        assert answer.status_code in (200, 201), (command, answer.text)
    assert "ben@shop.example" in run("user", "list").stdout
