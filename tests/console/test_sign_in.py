"""Sign in by a one-time link, and sign out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from flask import Flask

from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from widget_server.accounts.models import LoginSession
from widget_server.core.config import Config
from widget_server.storage.db import db

from .conftest import Console
from .html import read


def sessions(app: Flask) -> int:
    with app.app_context():
        return db.session.query(LoginSession).count()


def test_opening_the_link_writes_nothing_and_its_button_signs_in(app: Flask, stranger: Console) -> None:
    link = stranger.link()
    for _ in range(3):
        opened = stranger.client.get(link)
        assert opened.status_code == 200
        assert read(opened.text).one("form").one("button").text == "Sign in"
    assert sessions(app) == 0

    pressed = stranger.press(link)

    assert (pressed.status_code, pressed.headers["Location"]) == (303, "/console/")
    assert stranger.read("").one("h1").text == "All sites"


def test_no_address_holds_the_code(app: Flask, stranger: Console) -> None:
    """The server, its proxy and the browser's history see the address without the part after #."""
    page, _, token = stranger.link().partition("#")
    assert page == "/console/sign-in/link" and token.startswith("tfi_")
    assert stranger.client.get(f"/console/sign-in/{token}").status_code in (401, 404)
    assert token not in stranger.client.get(page).text


def test_without_script_a_person_pastes_the_link_or_its_code(app: Flask) -> None:
    for paste in (lambda link: f" https://ratings.example{link} ", lambda link: link.partition("#")[2]):
        person = Console(app)
        link = person.link()
        field = read(person.client.get(link.partition("#")[0]).text).one("form").one("input")
        assert field["name"] == "code"
        pasted = person.client.post("/console/sign-in/link", data={"code": paste(link)})
        assert pasted.status_code == 303


@ON_BOTH
def test_a_link_signs_in_once(app: Flask, stranger: Console, console: Console) -> None:
    link = stranger.link()
    stranger.press(link)
    other = Console(app)

    refused = other.press(link)

    assert refused.status_code == 403
    assert "used before" in refused.text
    assert other.get("").status_code == 401


@ON_BOTH
def test_two_concurrent_presses_start_one_session(
    app: Flask, stranger: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = stranger.link()
    stranger.press(link)
    # The look before the press sees nothing yet of the other press.
    monkeypatch.setattr("widget_server.accounts.sign_in.check_link_token", lambda *_: None)
    refused = Console(app).press(link)
    assert refused.status_code == 403
    assert "used before" in refused.text
    assert sessions(app) == 1


def test_a_link_lives_for_fifteen_minutes(stranger: Console, clock: SetClock) -> None:
    link = stranger.link()
    clock.forward(minutes=15, seconds=1)
    refused = stranger.press(link)
    assert refused.status_code == 403
    assert "older than 15 minutes" in refused.text
    assert "tilfreds owner link" in refused.text
    assert "`" not in refused.text


@pytest.mark.parametrize("mend", [lambda t: t[:-1], lambda t: t + "x", lambda t: "tfi_e30.x", lambda t: "x"])
def test_a_link_that_is_not_ours_opens_nothing(app: Flask, stranger: Console, mend: Callable[[str], str]) -> None:
    page, _, token = stranger.link().partition("#")
    assert stranger.press(f"{page}#{mend(token)}").status_code == 403
    assert sessions(app) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": "http://b\u00fccher.example"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_press_from_another_site_is_refused(app: Flask, stranger: Console, headers: dict[str, str]) -> None:
    assert stranger.press(stranger.link(), **headers).status_code == 403
    assert sessions(app) == 0


def test_the_cookie_is_kept_from_scripts_and_other_sites(stranger: Console) -> None:
    cookie = stranger.press(stranger.link()).headers["Set-Cookie"]
    assert cookie.startswith("tilfreds=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


class TestOverTls:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        return dataclasses.replace(config, public_url="https://ratings.example")

    def test_the_cookie_is_pinned_to_the_host(self, stranger: Console) -> None:
        cookie = stranger.press(stranger.link()).headers["Set-Cookie"]
        assert cookie.startswith("__Host-tilfreds=")
        assert "Secure" in cookie
        assert "Domain" not in cookie


def test_the_database_does_not_hold_the_cookies_value(app: Flask, stranger: Console) -> None:
    cookie = stranger.press(stranger.link()).headers["Set-Cookie"]
    value = cookie.partition("=")[2].partition(";")[0]
    with app.app_context():
        [row] = db.session.query(LoginSession).all()
    assert value not in (row.token_hash, row.link_hash)
    assert len(value) >= 43


@ON_BOTH
def test_signing_out_ends_the_session_and_not_only_its_cookie(site: MadeSite, console: Console) -> None:
    form = console.read(f"{site.key}/conversations").one("form", klass="leave")
    token = form.one("input")["value"]
    cookie = console.client.get_cookie("tilfreds")
    assert cookie is not None

    response = console.client.post(form["action"], data={"form_token": token})

    assert response.status_code == 303
    assert response.headers["Clear-Site-Data"] == '"cache"', "cookies and storage may be the shop's"
    console.client.set_cookie("tilfreds", cookie.value)
    assert console.get(f"{site.key}/conversations").status_code == 401
    assert console.get(f"{site.key}/live").status_code == 401


def test_a_form_without_its_token_or_with_anothers_is_refused(app: Flask, site: MadeSite, console: Console) -> None:
    other = Console(app)
    other.press(other.link())
    foreign = other.read(f"{site.key}/conversations").one("form", klass="leave").one("input")["value"]
    for data in ({}, {"form_token": ""}, {"form_token": foreign}):
        assert console.client.post("/console/sign-out", data=data).status_code == 403
    assert console.get(f"{site.key}/conversations").status_code == 200


@ON_BOTH
def test_a_session_ends_after_two_weeks(site: MadeSite, console: Console, clock: SetClock) -> None:
    fresh = Console(console.app)
    fresh.press(fresh.link())
    clock.forward(days=13, hours=23)
    assert fresh.get(f"{site.key}/conversations").status_code == 200
    clock.forward(hours=2)
    assert fresh.get(f"{site.key}/conversations").status_code == 401


def test_every_page_explains_how_to_sign_in(site: MadeSite, stranger: Console) -> None:
    for path in ("", site.key + "/", f"{site.key}/conversations", f"{site.key}/articles", f"{site.key}/live", "x/y/z"):
        page = stranger.read(path, 401)
        assert "tilfreds owner link" in page.text
        assert site.key not in page.text
        assert "`" not in page.text


def test_the_cookie_means_nothing_to_the_api_and_the_widget(site: MadeSite, console: Console) -> None:
    assert console.client.get("/api/v1/site").status_code == 401
    answer = console.client.get(f"/w/{site.key}.js")
    assert answer.headers.get("Access-Control-Allow-Credentials") is None
    assert "Set-Cookie" not in answer.headers


def test_several_sites_are_listed_and_a_single_one_is_opened(site: MadeSite, console: Console, make: Make) -> None:
    alone = console.get("")
    assert (alone.status_code, alone.headers["Location"]) == (303, f"/console/{site.key}/conversations")
    make.site(name="Another shop")
    assert [heading.text for heading in console.read("").one("main").all("h2")] == ["Another shop", "Shop"]
    assert console.get(f"{site.key}/").status_code == 303
