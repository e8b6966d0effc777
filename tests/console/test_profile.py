"""The page of the signed-in person's account."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.databases import ON_BOTH
from tests.factories import MadeSite
from widget_server.accounts import passwords
from widget_server.console.browser_names import describe

from .conftest import Console
from .html import Element
from .test_passwords import PASSWORD, Team, config, set_password, sign_in, team

__all__ = ["config", "team"]

NEW_PASSWORD = "copper window seventeen lake"


def press(browser: Console, form: Element, **fields: Any) -> Any:
    """Send a form of a page, with its hidden fields."""
    hidden = {field["name"]: field["value"] for field in form.all("input") if field.attributes.get("type") == "hidden"}
    return browser.client.post(form["action"], data={**hidden, **fields})


def find_form(page: Element, action: str) -> Element:
    return next(form for form in page.all("form") if form["action"].endswith(action))


@ON_BOTH
def test_a_new_password_ends_all_other_sessions(app: Flask, team: Team) -> None:
    browser, other = team.join(), Console(app)
    sign_in(other)
    form = find_form(browser.read("profile"), "profile/password")

    wrong = press(browser, form, current_password="not this one", password=NEW_PASSWORD)
    weak = press(browser, form, current_password=PASSWORD, password="password1234")
    assert (wrong.status_code, weak.status_code) == (422, 422)
    assert other.get("profile").status_code == 200

    assert press(browser, form, current_password=PASSWORD, password=NEW_PASSWORD).status_code == 303

    assert browser.get("profile").status_code == 200
    assert other.get("profile").status_code == 401
    assert sign_in(Console(app)).status_code == 401
    assert sign_in(Console(app), password=NEW_PASSWORD).status_code == 303


def test_a_new_password_makes_open_links_useless(app: Flask, team: Team) -> None:
    browser = team.join()
    code = team.new_code()
    form = find_form(browser.read("profile"), "profile/password")
    assert press(browser, form, current_password=PASSWORD, password=NEW_PASSWORD).status_code == 303
    assert set_password(Console(app), code, "granite pillow eleven fox").status_code == 403
    assert sign_in(Console(app), password=NEW_PASSWORD).status_code == 303


@ON_BOTH
def test_a_change_with_a_password_that_was_replaced_meanwhile_is_refused(
    app: Flask, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger knows the old password, and the owner of the account uses a link at the same time."""
    browser, code, hash_password = team.join(), team.new_code(), passwords.to_hash
    form = find_form(browser.read("profile"), "profile/password")

    def replace_first(password: str) -> str:
        monkeypatch.setattr(passwords, "to_hash", hash_password)
        assert set_password(Console(app), code, NEW_PASSWORD).status_code == 303
        return hash_password(password)

    monkeypatch.setattr(passwords, "to_hash", replace_first)
    assert press(browser, form, current_password=PASSWORD, password="granite pillow eleven fox").status_code == 401
    assert sign_in(Console(app), password=NEW_PASSWORD).status_code == 303


def test_sessions_are_listed_and_ended(app: Flask, team: Team) -> None:
    browser, second, third = team.join(), Console(app), Console(app)
    for one in (second, third):
        one.client.post(
            "/console/sign-in",
            data={"email": "ann@shop.example", "password": PASSWORD},
            headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0"},
        )
    page = browser.read("profile")
    assert page.text.count("Firefox on Linux") == 2
    assert page.text.count("This browser") == 1

    assert press(browser, find_form(page, "/end")).status_code == 303
    assert sorted(one.get("profile").status_code for one in (second, third)) == [200, 401]
    assert press(browser, find_form(page, "end-others")).status_code == 303
    assert {one.get("profile").status_code for one in (second, third)} == {401}
    assert browser.get("profile").status_code == 200


def test_nobody_ends_the_session_of_another_user(app: Flask, team: Team) -> None:
    ann, ben = team.join(), team.join("ben@shop.example", "admin")
    sign_in(Console(app))
    form = find_form(ann.read("profile"), "/end")
    token = find_form(ben.read("profile"), "profile/password").value("form_token")

    answer = ben.client.post(form["action"], data={"form_token": token})

    assert answer.status_code == 404
    assert "Sessions" in ann.read("profile").text


def test_browsers_are_named(app: Flask) -> None:
    names = {
        "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0": "Firefox on Linux",
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0": (
            "Edge on Windows"
        ),
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1": (
            "Safari on iPhone"
        ),
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/140.0 Safari/537.36": "Chrome on macOS",
        "curl/8.5.0": "curl",
        "": "Unknown browser",
    }
    with app.test_request_context():
        assert {user_agent: describe(user_agent) for user_agent in names} == names


def test_an_owner_link_has_no_account(console: Console, site: MadeSite) -> None:
    page = console.read("profile")
    assert "owner's link" in page.text
    assert not [form for form in page.all("form") if "password" in form["action"]]


def test_a_user_chooses_the_language(team: Team) -> None:
    browser, swedish = team.join(), {"Accept-Language": "sv"}
    assert '<html lang="sv">' in browser.client.get("/console/profile", headers=swedish).text
    form = find_form(browser.read("profile"), "/language")

    assert press(browser, form, language="da").status_code == 303
    page = browser.client.get("/console/profile", headers=swedish).text
    assert '<html lang="da">' in page and "maskinoversat" in page

    assert press(browser, form, language="xx").status_code == 422
    assert press(browser, form, language="").status_code == 303
    assert '<html lang="sv">' in browser.client.get("/console/profile", headers=swedish).text
