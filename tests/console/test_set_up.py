"""Set up an empty server with the link that it prints at its start."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.databases import ON_BOTH
from tests.factories import Make
from tests.frozen_clock import SetClock
from widget_server.accounts import set_up
from widget_server.accounts.models import AuditEntry, Membership, User
from widget_server.core import clock as product_clock
from widget_server.sites.models import Site
from widget_server.storage.db import db
from widget_server.surveys.models import PLACEMENTS, Survey

from .conftest import Console
from .html import Element, read

PATH = "/console/set-up"
FIELDS = {
    "email": "Ann@shop.example",
    "password": "violet harbour ladder nine",
    "name": "Ann",
    "website": "https://help.shop.example/returns",
    "site_name": "My shop",
    "language": "da",
    "more_languages": ["en", "da"],
    "time_zone": "Europe/Copenhagen",
}


class SetUp:
    """The first person in front of an empty server."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.browser = Console(app)

    def link(self) -> str:
        return set_up.link_address("", self.app.config["SECRET_KEYS"], product_clock.now())

    def send(self, **changes: Any) -> Any:
        fields = {"code": self.link(), **FIELDS, **changes}
        return self.browser.client.post(PATH, data=fields)

    def refuse(self, status: int, **changes: Any) -> Element:
        """Send the form, and return the page that shows it again."""
        response = self.send(**changes)
        assert response.status_code == status, response.text
        assert self.count() == (0, 0)
        return read(response.text)

    def count(self) -> tuple[int, int]:
        with self.app.app_context():
            return db.session.query(User).count(), db.session.query(Site).count()


@pytest.fixture
def first(app: Flask) -> SetUp:
    return SetUp(app)


@ON_BOTH
def test_the_form_makes_the_owner_and_the_first_site_and_leads_to_its_lines(app: Flask, first: SetUp) -> None:
    response = first.send()

    assert response.status_code == 303, response.text
    with app.app_context():
        user, membership = db.session.query(User).one(), db.session.query(Membership).one()
        site = db.session.query(Site).one()
        assert (user.email, user.name, membership.role, membership.site_id) == (
            "ann@shop.example",
            "Ann",
            "owner",
            None,
        )
        assert (site.name, site.languages, site.time_zone) == ("My shop", ["da", "en"], "Europe/Copenhagen")
        actions = {entry.action for entry in db.session.query(AuditEntry)}
        assert actions == {"user.password_set", "sign_in.succeeded", "site.created"}
        assert site.allowed_origins == ["https://help.shop.example"]
        assert {survey.placement for survey in db.session.query(Survey)} == set(PLACEMENTS)
        key = site.key
    assert response.headers["Location"] == f"/console/{key}/install"
    page = first.browser.read(f"{key}/install")
    assert f"/w/{key}.js" in page.one("pre").text


def test_the_password_signs_in_later(first: SetUp, stranger: Console) -> None:
    first.send()
    fields = {"email": FIELDS["email"], "password": FIELDS["password"]}
    assert stranger.client.post("/console/sign-in", data=fields).status_code == 303


def test_empty_names_come_from_the_addresses(app: Flask, first: SetUp) -> None:
    assert first.send(name="", site_name="", website="www.shop.example").status_code == 303
    with app.app_context():
        assert db.session.query(User).one().name == "ann"
        assert db.session.query(Site).one().name == "shop.example"


WRONG = {
    "email": "ann",
    "password": "password1234",
    "website": "shop",
    "site_name": "x" * 201,
    "language": "xx",
    "time_zone": "Mars/Olympus",
}


def test_a_wrong_field_keeps_everything_that_was_typed(first: SetUp, subtests: pytest.Subtests) -> None:
    for name, value in WRONG.items():
        with subtests.test(name=name):
            page = first.refuse(422, **{name: value})

            (field,) = [field for tag in ("input", "select") for field in page.all(tag, **{"aria-invalid": "true"})]
            assert field["name"] == name
            assert page.one("span", id=field["aria-describedby"]).text
            typed = {field["name"]: field["value"] for field in page.all("input") if "value" in field.attributes}
            expected = {**FIELDS, name: value}
            for field_name in ("email", "name", "website", "site_name"):
                assert typed[field_name] == expected[field_name]
            assert typed["code"], "the code must not have to be pasted again"
            assert value not in page.text or name != "password"
            selected_values = {
                option.attributes.get("value") or option.text for option in page.all("option", selected="")
            }
            if name not in ("language", "time_zone"):
                assert selected_values == {"da", "Europe/Copenhagen"}


@ON_BOTH
def test_texts_that_a_database_cannot_store_are_refused(first: SetUp, subtests: pytest.Subtests) -> None:
    long_host = "https://" + ".".join(["a" * 60] * 8) + ".example"
    for change in (
        {"name": "An\0n"},
        {"email": "an\0n@shop.example"},
        {"site_name": "My\0 shop"},
        {"time_zone": "Europe\0"},
        {"time_zone": "../../etc/passwd"},
        {"website": "https://sh\0op.example"},
        {"website": long_host, "site_name": ""},
        {"language": "\0"},
        {"code": "\0"},
    ):
        with subtests.test(change=change):
            first.refuse(403 if "code" in change else 422, **change)


@ON_BOTH
def test_default_names_are_cut(app: Flask, first: SetUp) -> None:
    email, host = f"{'a' * 150}@shop.example", ".".join(["a" * 60] * 4)
    assert first.send(email=email, name="", website=host, site_name="").status_code == 303
    with app.app_context():
        assert (db.session.query(User).one().name, db.session.query(Site).one().name) == ("a" * 100, host[:200])


def test_a_link_dies_with_the_first_account_or_site(app: Flask, first: SetUp, make: Make) -> None:
    link = first.link()
    assert first.send(code=link).status_code == 303
    for code in (link, first.link()):
        other = SetUp(app)
        refused = other.send(code=code, email="eve@evil.example")
        assert refused.status_code == 403
        assert other.browser.get("sites").status_code == 401
        page = read(refused.text)
        assert page.one("h1").text == "This server is set up" and not list(page.all("form"))
    assert first.count() == (1, 1)
    assert read(first.browser.client.get(PATH).text).one("h1").text == "This server is set up"


def test_a_server_with_a_site_is_not_set_up_again(first: SetUp, make: Make) -> None:
    make.site()
    assert first.send().status_code == 403
    assert first.count() == (0, 1)


def test_a_link_that_is_not_ours_or_is_a_day_old_opens_nothing(first: SetUp, clock: SetClock) -> None:
    link = first.link()
    sign_in = first.browser.link().partition("#")[2]
    for code in ("", "x", link[:-1], f"{link}x", sign_in):
        assert "This link is invalid" in first.refuse(403, code=code).one("p", role="alert").text
    clock.forward(hours=24, seconds=1)
    assert "older than 24 hours" in first.refuse(403, code=link).one("p", role="alert").text


def test_another_website_cannot_set_up_the_server(first: SetUp) -> None:
    headers = {"Origin": "https://evil.example"}
    response = first.browser.client.post(PATH, data={"code": first.link(), **FIELDS}, headers=headers)
    assert (response.status_code, first.count()) == (403, (0, 0))


@ON_BOTH
def test_of_two_people_at_the_same_time_one_sets_up_the_server(
    app: Flask, first: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    first.send()
    # The look before the second person's transaction sees nothing yet of the first one's.
    monkeypatch.setattr(set_up, "is_empty", lambda database: True)
    other = SetUp(app)
    refused = other.send(email="eve@evil.example")
    assert refused.status_code == 403
    assert read(refused.text).one("h1").text == "This server is set up"
    assert first.count() == (1, 1)


def test_the_browser_chooses_the_language(first: SetUp) -> None:
    page = read(first.browser.client.get(PATH, headers={"Accept-Language": "pt-BR,en;q=0.5"}).text)
    assert "pt" in [option.attributes.get("value") for option in page.all("option", selected="")]


@ON_BOTH
def test_emptiness_is_read_from_the_database(app: Flask, make: Make) -> None:
    def is_empty() -> bool:
        with app.app_context(), Session(db.engines[None]) as session:
            return set_up.is_empty(session)

    assert is_empty()
    make.site()
    assert not is_empty()
