"""Exclude a rating with a reason, see who excluded it, and restore it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.back_end import Api
from tests.conversations.talk import Talk, done
from tests.databases import ON_BOTH

from .conftest import Desk
from .html import Element
from .test_manual import FOREIGN
from .test_passwords import Team

Talks = Callable[..., Talk]


@pytest.fixture
def rated(talks: Talks) -> Talk:
    talk = talks(title="Order 17")
    talk.chat().vote(talk.ask(), 1, comment="Never came")
    return talk


def form_of(desk: Desk, talk: Talk) -> Element:
    """Return the form of exclusion or restoration, the first below the rating."""
    return next(desk.transcript(talk.read()["id"]).one("aside").all("form"))


def status(talk: Talk) -> str:
    return str(done(talk.api.get("/votes"))["votes"][0]["status"])


@ON_BOTH
def test_a_rating_is_excluded_and_restored(desk: Desk, rated: Talk, auditor: Api) -> None:
    assert desk.send(form_of(desk, rated), reason="  <i>ours</i>\n ").status_code == 303
    band = desk.band(rated.read()["id"])
    assert "Excluded by Owner link, " in band.text
    assert ": <i>ours</i> not counted" in band.text
    assert "Never came" in band.text
    assert status(rated) == "excluded"
    assert desk.send(form_of(desk, rated)).status_code == 303
    assert status(rated) == "counted"
    actors = [entry["actor"] for entry in done(auditor.get("/audit?group=vote"))["entries"]]
    assert actors == ["Owner link", "Owner link"]


@ON_BOTH
def test_a_person_with_the_longest_address_excludes_a_rating(app: Flask, desk: Desk, rated: Talk) -> None:
    email = f"ann@{'.'.join(['sub' * 19] * 4)}.example"
    assert 200 < len(email) <= 254
    admin = Desk(Team(app).join(email, "admin"), desk.site)
    assert admin.send(form_of(admin, rated), reason="ours").status_code == 303
    assert status(rated) == "excluded"
    assert f"Excluded by {email[:150]}" in desk.band(rated.read()["id"]).text


def test_nothing_happens_without_a_reason_or_the_pages_own_form(desk: Desk, rated: Talk) -> None:
    form = form_of(desk, rated)
    assert desk.send(form, reason=" ").status_code == 422
    assert desk.send(form, reason="x" * 501).status_code == 422
    assert desk.send(form, reason="a\0b").status_code == 422
    assert desk.send(form, headers=FOREIGN, reason="x").status_code == 403
    assert desk.console.client.post(form["action"], data={"reason": "x"}).status_code == 403
    assert status(rated) == "counted"


def test_only_under_its_own_conversation(desk: Desk, rated: Talk, talks: Talks) -> None:
    form, other = form_of(desk, rated), talks().read()["id"]
    form.attributes["action"] = form["action"].replace(rated.read()["id"], other)
    assert desk.send(form, reason="x").status_code == 404
    assert status(rated) == "counted"
