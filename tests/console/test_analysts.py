"""Analysts see ratings, and what identifies a visitor only at sites that allow it: each page, field by field."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.conftest import Chat
from tests.back_end import Api, done
from tests.factories import MadeSite, Make
from tests.sample_site import SampleSite, address, build, calls
from widget_server.accounts.roles import RIGHTS, RIGHTS_IF_ALLOWED, ROLES
from widget_server.console.users.roles import RIGHT_LABELS, ROLE_LABELS, grant_label

from .conftest import Console
from .test_passwords import Team, config, team
from .test_users import site_id

__all__ = ["config", "team"]
#: A value for each field that identifies a visitor.
CANARIES = {
    "title": "canary-title",
    "visitor": "canary-visitor",
    "customer_reference": "canary-customer",
    "custom_fields": {"note": "canary-custom"},
    "page": "https://shop.example/help?mail=canary-page",
}
CANARY = re.compile("canary-[a-z]+")
ALL_CANARIES = {"canary-title", "canary-visitor", "canary-customer", "canary-custom", "canary-page", "canary-message"}


@pytest.fixture
def world(app: Flask, client: FlaskClient, api: Api, make: Make, site: MadeSite) -> SampleSite:
    """Return the sample site; its conversation has a canary in each field that identifies a visitor."""
    world = build(app, client, api, make, site)
    done(api.put("/conversations/c9", CANARIES))
    chat = Chat(api, "c9")
    chat.write("visitor", text="canary-message")
    chat.write("agent", agent="a1", text="canary-message")
    chat.end()
    world.own["conversation"] = str(chat.read()["id"])
    return world


def read_canaries(app: Flask, browser: Console, world: SampleSite) -> dict[str, set[str]]:
    """Return the canaries on each page of a site and on its fragments, from the URL map."""
    found_on: dict[str, set[str]] = {}
    for rule, method, who, _ in calls(app):
        if who == "console" and method == "GET" and "key" in rule.arguments:
            for query in ("", "?fragment=list", "?fragment=transcript", "?fragment=figures", "?messages=all"):
                answer = browser.client.get(address(rule, world.own) + query)
                found_on.setdefault(rule.endpoint, set()).update(CANARY.findall(answer.get_data(as_text=True)))
    return found_on


@pytest.mark.slow
def test_no_page_shows_an_analyst_what_identifies_a_visitor(
    app: Flask, team: Team, api: Api, site: MadeSite, world: SampleSite
) -> None:
    browsers = {role: team.join(f"{role}@shop.example", role, site_id(app, site.key)) for role in ROLES}
    for role, browser in browsers.items():
        canaries_by_page = read_canaries(app, browser, world)
        shown_canaries = set().union(*canaries_by_page.values())
        assert shown_canaries == (ALL_CANARIES if role in RIGHTS["read_personal"] else set()), (role, canaries_by_page)
    done(api.patch("/site", {"analysts_see_personal": True}))
    assert set().union(*read_canaries(app, browsers["analyst"], world).values()) == ALL_CANARIES
    done(api.patch("/site", {"analysts_see_personal": False}))
    assert not set().union(*read_canaries(app, browsers["analyst"], world).values())


def test_an_analyst_sees_ratings_and_no_button_that_is_refused(
    app: Flask, team: Team, api: Api, site: MadeSite, world: SampleSite
) -> None:
    analyst = team.join("analyst@shop.example", "analyst", site_id(app, site.key))
    conversation = Chat(api, "c1").read()["id"]
    for path in (f"conversations/{conversation}", f"conversations/{world.own['conversation']}", "articles", "agents"):
        page = analyst.read(f"{site.key}/{path}")
        forms = {form["action"].rpartition("/")[2] for form in page.all("form", method="post")}
        assert forms == {"sign-out"}, path
    transcript = analyst.read(f"{site.key}/conversations/{conversation}").text
    assert "Satisfied" in transcript or "Rating" in transcript
    assert "Text hidden" in transcript


def test_screenshots_need_the_right_or_the_permission_of_the_site(
    app: Flask, team: Team, api: Api, site: MadeSite, world: SampleSite
) -> None:
    analyst = team.join("analyst@shop.example", "analyst", site_id(app, site.key))
    path = f"{site.key}/screenshots/none.webp"
    assert analyst.get(path).status_code == 403
    done(api.patch("/site", {"analysts_see_personal": True}))
    assert analyst.get(path).status_code == 404


def test_the_documents_print_the_table_of_rights() -> None:
    """The code reads it, the console shows it, and the documents print it."""
    text = Path("docs/operate/accounts.md").read_text()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    start = rows.index(["Right", *(ROLE_LABELS[role] for role in ROLES)])
    printed = rows[start + 2 : start + 2 + len(RIGHT_LABELS)]
    expected = [[label, *(grant_label(role, right) for role in ROLES)] for right, label in RIGHT_LABELS.items()]
    assert printed == expected
    assert set(RIGHT_LABELS) == set(RIGHTS) and set(RIGHTS_IF_ALLOWED) <= set(RIGHTS)
