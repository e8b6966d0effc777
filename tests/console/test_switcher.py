"""The switcher between sites on every page, and who may add a site."""

from __future__ import annotations

from flask import Flask

from tests.back_end import done
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.sample_site import address, calls
from tests.storage.site_rows import add_site
from widget_server.storage.db import db

from .conftest import Console
from .html import Element
from .test_passwords import Team, config, sign_in, team
from .test_profile import find_form, press
from .test_users import site_id

__all__ = ["config", "team"]
BEN = "ben@shop.example"


def switcher(page: Element) -> dict[str, str]:
    """Return the addresses of the switcher by name."""
    return {link.text: link["href"] for link in page.one("details", klass="switcher").all("a")}


@ON_BOTH
def test_the_switcher_leads_to_the_same_page_of_the_other_sites(
    app: Flask, team: Team, site: MadeSite, make: Make
) -> None:
    other, hidden = make.site(name="Élan"), make.site(name="Hidden")
    ben = team.join(BEN, "admin", site_id(app, site.key))
    operator = make.operator()
    (user,) = done(operator.get("/users"))["users"]
    done(operator.put(f"/users/{user['id']}/role", {"role": "analyst", "site": other.key}))
    sign_in(ben, BEN)
    links = switcher(ben.read(f"{site.key}/articles"))
    assert links == {
        "Shop": f"/console/{site.key}/articles",
        "Élan": f"/console/{other.key}/articles",
        "All sites": "/console/sites",
    }
    assert switcher(ben.read(f"{site.key}/install"))["Élan"] == f"/console/{other.key}/", "analysts have no such page"
    assert switcher(ben.read("profile"))["Shop"] == f"/console/{site.key}/"
    assert hidden.key not in ben.get("sites?q=hidden").get_data(as_text=True)


def test_every_page_of_a_signed_in_person_has_the_switcher(app: Flask, console: Console, site: MadeSite) -> None:
    values = {"key": site.key, "rest": "nowhere"}
    checked = 0
    for rule, method, who, _ in calls(app):
        if who != "console" or method != "GET" or not rule.arguments <= {"key"}:
            continue
        answer = console.client.get(address(rule, values))
        # A page without the console's head is the content of a frame.
        if answer.status_code == 200 and '<header class="top">' in answer.get_data(as_text=True):
            assert 'class="switcher"' in answer.get_data(as_text=True), str(rule)
            checked += 1
    assert checked > 12


@ON_BOTH
def test_many_sites_are_searched(app: Flask, console: Console, site: MadeSite) -> None:
    with app.app_context():
        for number in range(60):
            add_site(db.session.connection(), f"Site {number:02}")
        add_site(db.session.connection(), "ÉLAN shop")
        db.session.commit()
    page = console.read(f"{site.key}/conversations")
    assert len(switcher(page)) == 14
    form = page.one("details", klass="switcher").one("form")
    assert (form["action"], form.one("input")["name"]) == ("/console/sites", "q")

    def names(query: str) -> list[str]:
        return [item.one("bdi").text for item in console.read(f"sites?{query}").all("section", klass="figure")]

    assert names("q=élan") == ["ÉLAN shop"]
    assert names("q=site+4") == [f"Site {number:02}" for number in (4, 14, 24, 34, *range(40, 50), 54)]
    assert len(names("")) == 50 and len(names("from=50")) == 12
    assert "No site has these words" in console.read("sites?q=nothing").text


@ON_BOTH
def test_the_person_and_not_the_role_may_add_sites(app: Flask, team: Team, site: MadeSite) -> None:
    ann = team.join()
    ben = team.join(BEN, "analyst", site_id(app, site.key))
    assert ben.get("sites/new").status_code == 403
    press(ann, find_form(ann.read("users"), "/create-sites"))
    assert ben.get("profile").status_code == 401
    sign_in(ben, BEN)
    assert "Add a site" in ben.read("sites").text

    created = press(ben, find_form(ben.read("sites/new"), "/sites/new"), website="https://new.example")
    key = created.headers["Location"].split("/")[2]
    assert ben.get(f"{key}/install").status_code == 200, "the person owns the new site"
    assert ben.get(f"{key}/audit").status_code == 200
    assert ben.get(f"{site.key}/install").status_code == 403, "and is an analyst at the other one"

    press(ann, find_form(ann.read("users"), "/create-sites"))
    sign_in(ben, BEN)
    assert ben.get("sites/new").status_code == 403
    assert ben.get(f"{key}/install").status_code == 200
    log = ann.get("audit").get_data(as_text=True)
    assert "may_create_sites" in log


def test_an_admin_of_all_sites_needs_the_right_too(team: Team, make: Make) -> None:
    ben = team.join(BEN, "admin")
    assert ben.get("sites/new").status_code == 403
    operator = make.operator()
    (user,) = done(operator.get("/users"))["users"]
    assert user["may_create_sites"] is False
    done(operator.patch(f"/users/{user['id']}", {"may_create_sites": True}))
    sign_in(ben, BEN)
    assert ben.get("sites/new").status_code == 200
