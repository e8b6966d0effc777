"""The list of sites, and adding one."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.factories import MadeSite
from widget_server.accounts.roles import Role
from widget_server.sites.models import Site
from widget_server.storage.db import db

from .conftest import Console, Desk
from .test_passwords import Team

FIELDS = {"website": "blog.example", "site_name": "Blog", "language": "en", "time_zone": "UTC"}


def test_a_second_site_is_two_clicks_away(app: Flask, console: Console, desk: Desk, site: MadeSite) -> None:
    page = console.read(f"{site.key}/conversations")
    (link,) = (one for one in page.one("details", klass="switcher").all("a") if one.text == "All sites")
    sites = console.read(link["href"].removeprefix("/console/"))
    assert [row.one("b").text for row in sites.one("ul", klass="sites").all("li")] == ["Shop"]
    address = sites.one("a", klass="strong")["href"]

    response = desk.send(console.read(address.removeprefix("/console/")).one("main").one("form"), None, **FIELDS)

    assert response.status_code == 303, response.text
    with app.app_context():
        added = db.session.query(Site).filter_by(name="Blog").one()
        assert added.allowed_origins == ["https://blog.example", "https://www.blog.example"]
        assert response.headers["Location"] == f"/console/{added.key}/install"


def test_a_wrong_field_keeps_everything_that_was_typed(app: Flask, console: Console, desk: Desk) -> None:
    form = console.read("sites/new").one("main").one("form")
    response = desk.send(form, None, **{**FIELDS, "website": "blog"})
    assert response.status_code == 422
    assert 'value="Blog"' in response.text and 'value="blog"' in response.text
    with app.app_context():
        assert db.session.query(Site).count() == 1


def test_a_form_of_another_page_adds_nothing(console: Console) -> None:
    assert console.client.post("/console/sites/new", data=FIELDS).status_code == 403


@pytest.mark.parametrize(("role", "at_site", "status"), [("owner", False, 200), ("admin", True, 403)])
def test_only_a_role_at_all_sites_adds_one(
    app: Flask, stranger: Console, site: MadeSite, role: Role, at_site: bool, status: int
) -> None:
    with app.app_context():
        site_id: Any = db.session.query(Site).one().id if at_site else None
    code = Team(app).invite(role=role, site_id=site_id)
    stranger.client.post("/console/set-password", data={"code": code, "password": "violet harbour ladder nine"})
    stranger.read("sites/new", status=status)
    links = [link.text for link in stranger.read("sites").all("a")]
    assert ("Add a site" in links) == (status == 200)
    assert stranger.get(f"{site.key}/install").status_code == 200
