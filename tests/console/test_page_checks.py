"""The page "Why is nothing showing?": a check from the server, and the link for a check in the page."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.browser.pages import Pages
from tests.databases import ON_BOTH
from tests.factories import ORIGIN, MadeSite
from tests.frozen_clock import SetClock
from widget_server.jobs import schedule
from widget_server.jobs.loop import run_once

from .conftest import Console, Desk
from .html import Element


@pytest.fixture
def website() -> Iterator[Pages]:
    pages = Pages()
    yield pages
    pages.end()


def start(desk: Desk, address: str, where: str) -> Any:
    form = desk.console.read(f"{desk.site.key}/checks").one("form", klass="fields")
    return desk.send(form, None, address=address, where=where)


def result(desk: Desk, response: Any, **query: str) -> Element:
    assert response.status_code == 303, response.get_data(as_text=True)
    parts = urlsplit(response.headers["Location"])
    values = {name: value for name, [value] in parse_qs(parts.query).items()}
    return desk.console.read(parts.path.removeprefix("/console/"), query_string=values | query)


def report(client: FlaskClient, key: str, token: str, *codes: str) -> Any:
    findings = [{"code": code, "values": {"element": "div.banner"}} for code in codes]
    headers = {"Origin": "https://elsewhere.example"}
    return client.post(f"/w/{key}/check", json={"token": token, "findings": findings}, headers=headers)


def link_of(page: Element) -> str:
    return str(page.one("a", klass="strong")["href"])


def token_of(page: Element) -> str:
    [token] = parse_qs(urlsplit(link_of(page)).query)["tilfreds"]
    return token


def test_a_check_from_the_server_names_cause_and_fix(
    app: Flask, monkeypatch: pytest.MonkeyPatch, desk: Desk, website: Pages
) -> None:
    config = dataclasses.replace(app.config["TILFREDS"], allowed_internal_hosts=("127.0.0.1",))
    monkeypatch.setitem(app.config, "TILFREDS", config)
    page = result(desk, start(desk, website.put("<tilfreds-rating></tilfreds-rating>"), "server"))
    first = next(page.one("section", klass="findings").all("li"))
    assert first["data-weight"] == "failure"
    assert first.one("b").text == "The page has no tag of this server."
    assert first.one("p").text.startswith("Paste the line from “Install”")


def test_an_address_in_the_internal_network_is_not_read(desk: Desk, website: Pages) -> None:
    page = result(desk, start(desk, website.put("secret"), "server"))
    text = page.one("section", klass="findings").text
    assert "The page cannot be reached" in text and "secret" not in text


def test_wrong_addresses_keep_what_was_typed(desk: Desk) -> None:
    long_address = f"https://shop.example/{'a' * 3000}"
    unreadable = ("[", "http://[", "http://shop\u2100.example/", "https://shop.example/a\0b")
    for address in ("", "shop", "javascript:alert(1)", "https://a b/", long_address, *unreadable):
        response = start(desk, address, "page")
        assert response.status_code == 422, address
        assert 'role="alert"' in response.get_data(as_text=True)


@ON_BOTH
def test_a_page_reports_through_its_link(desk: Desk, site: MadeSite, client: FlaskClient, clock: SetClock) -> None:
    response = start(desk, f"{ORIGIN}/help?a=1", "page")
    page = result(desk, response)
    assert link_of(page).startswith(f"{ORIGIN}/help?a=1&tilfreds=tfc_")
    assert "Waiting for the page." in page.one("section", klass="findings").text
    assert "No contact from this page." in result(desk, response, waited="1").one("section", klass="findings").text

    assert report(client, site.key, token_of(page), "covered", "invented").status_code == 204
    section = result(desk, response, fragment="figures")
    assert [line.one("b").text for line in section.all("li")] == ["div.banner covers the faces."]


def test_a_link_ends_after_15_minutes_and_cannot_be_altered(
    desk: Desk, site: MadeSite, client: FlaskClient, clock: SetClock
) -> None:
    token = token_of(result(desk, start(desk, f"{ORIGIN}/help", "page")))
    assert '"isExpired"' not in client.get(f"/w/{site.key}/check.js?tilfreds={token}").get_data(as_text=True)
    for wrong_token in (token[:-1] + ("A" if token[-1] != "A" else "B"), "tfc_x", ""):
        assert '"isExpired":true' in client.get(f"/w/{site.key}/check.js?tilfreds={wrong_token}").get_data(as_text=True)
        assert report(client, site.key, wrong_token or "x").status_code == 403
    clock.forward(minutes=15, seconds=2)
    answer = client.get(f"/w/{site.key}/check.js?tilfreds={token}")
    assert '"isExpired":true' in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"
    assert report(client, site.key, token, "covered").status_code == 403


def test_a_check_is_deleted_after_a_day(app: Flask, desk: Desk, clock: SetClock) -> None:
    first = start(desk, f"{ORIGIN}/first", "page")
    clock.forward(hours=2)
    second = start(desk, f"{ORIGIN}/second", "page")
    clock.forward(hours=23)
    [job] = [job for job in schedule.JOBS if "page checks" in job.name]
    run_once(app, job)
    statuses = [
        desk.console.get(response.headers["Location"].removeprefix("/console/")).status_code
        for response in (first, second)
    ]
    assert statuses == [404, 200]


def test_a_stranger_checks_nothing(stranger: Console, site: MadeSite) -> None:
    assert stranger.get(f"{site.key}/checks").status_code == 401
    posted = stranger.client.post(f"/console/{site.key}/checks", data={"address": ORIGIN, "where": "server"})
    assert posted.status_code == 401
