"""The list of sites, and adding one."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.accounts.test_audit_entries import entries
from tests.back_end import Api
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from tests.widget.conftest import Page
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
    assert [row.one("bdi").text for row in sites.one("div", klass="figures").all("section")] == ["Shop"]
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


def test_a_site_is_removed_by_its_name_and_restored(app: Flask, console: Console, desk: Desk, api: Api) -> None:
    form = console.read(f"{desk.site.key}/settings/remove").one("main").one("form", klass="fields")
    refused = desk.send(form, None, name="shop")
    assert refused.status_code == 422 and 'value="shop"' in refused.text and 'id="name-problem"' in refused.text
    assert api.get("/site").status_code == 200
    assert desk.send(form, None, name=" Shop ").status_code == 303
    assert api.get("/site").status_code == 404
    removed_list = console.read("sites").one("ul", data_list="removed")
    assert "Shop" in removed_list.text and "restored until" in removed_list.text
    assert desk.send(removed_list.one("form")).status_code == 303
    assert api.get("/site").status_code == 200
    assert not list(console.read("sites").all("ul", data_list="removed"))
    assert entries(app, action="site.removed") and entries(app, action="site.restored")


def test_only_people_of_a_removed_site_restore_it(
    app: Flask, console: Console, stranger: Console, desk: Desk, make: Make
) -> None:
    other_site = make.site(name="Other")
    with app.app_context():
        other_id = db.session.query(Site).filter_by(key=other_site.key).one().id
    code = Team(app).invite(role="admin", site_id=other_id)
    stranger.client.post("/console/set-password", data={"code": code, "password": "violet harbour ladder nine"})
    form = console.read(f"{desk.site.key}/settings/remove").one("main").one("form", klass="fields")
    desk.send(form, None, name="Shop")
    assert not list(stranger.read("sites").all("ul", data_list="removed"))
    token = stranger.read("sites").one("form", klass="leave").value("form_token")
    refused = stranger.client.post(f"/console/{desk.site.key}/restore", data={"form_token": token})
    assert refused.status_code == 404
    assert console.client.post(f"/console/{desk.site.key}/restore").status_code == 403


def test_the_list_counts_the_last_seven_days_of_each_site(
    console: Console, desk: Desk, make: Make, article_page: Page, clock: SetClock
) -> None:
    make.site(name="Silent")
    article_page.vote({"kind": "article", "subject": "/old"}, score=1)
    clock.forward(days=7)
    first = console.get("sites?fragment=figures")
    for number, score in enumerate((3, 3, 1)):
        article_page.vote({"kind": "article", "subject": f"/{number}"}, score=score)
    shop, silent = console.read("sites").one("div", klass="figures").all("section")
    assert [count.one("b").text for count in shop.one("ul", klass="counts").all("li")] == ["2", "0", "1"]
    assert "Too few for a share" in shop.text
    assert "No ratings" in silent.text and "No page has shown the faces yet" in silent.text
    assert silent.one("p", klass="share") and any(link["href"].endswith("/install") for link in silent.all("a"))
    again = console.get("sites?fragment=figures", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    unchanged = console.get("sites?fragment=figures", headers={"If-None-Match": again.headers["ETag"]})
    assert unchanged.status_code == 304
