"""Tests of surveys: they are created, revised, closed and opened, and a revision never changes."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.conftest import Chat
from tests.back_end import Api
from tests.conversations.rows import rows
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from tests.widget.conftest import Page

WORDS = {"en": {"question": "How was it?", "labels": ["Bad", "So-so", "Good"], "thanks": "Thank you"}}


@pytest.fixture
def survey(api: Api) -> Any:
    answer = api.post("/surveys", {"name": "Chats", "placement": "chat_end", "texts": WORDS})
    assert answer.status_code == 201, answer.text
    return answer.get_json()


@ON_BOTH
def test_a_survey_is_read_as_it_was_created(api: Api, survey: Any) -> None:
    (listed_survey,) = api.get("/surveys").get_json()["surveys"]

    assert listed_survey == survey == api.get(f"/surveys/{survey['id']}").get_json()
    (revision,) = survey["revisions"]
    assert (revision["number"], revision["look"], revision["scale"]) == (1, "faces", "three")
    assert (revision["texts"], revision["comment"]) == (WORDS, True)


@ON_BOTH
def test_a_new_revision_does_not_change_the_older_one(api: Api, survey: Any) -> None:
    answer = api.post(f"/surveys/{survey['id']}/revisions", {"look": "thumbs", "comment": False})

    first, second = answer.get_json()["revisions"]
    assert answer.status_code == 201
    assert first == survey["revisions"][0]
    assert (second["number"], second["look"], second["scale"], second["comment"]) == (2, "thumbs", "thumbs", False)


@ON_BOTH
def test_a_closed_survey_stops_asking_and_an_opened_one_asks_again(
    clock: SetClock, api: Api, chat: Chat, survey: Any
) -> None:
    closed = api.patch(f"/surveys/{survey['id']}", {"closed": True}).get_json()
    assert closed["closed_at"] == "2026-03-03T10:00:00Z"
    assert chat.end().get_json()["reason"] == "no_survey"

    opened = api.patch(f"/surveys/{survey['id']}", {"closed": False}).get_json()
    assert opened["closed_at"] is None
    other = Chat(api, "c2")
    other.put()
    other.write("visitor")
    other.write("agent")
    assert other.end().get_json()["asked"] is True


def test_a_rename_changes_nothing_else(api: Api, survey: Any) -> None:
    renamed = api.patch(f"/surveys/{survey['id']}", {"name": "All chats", "window_hours": 24}).get_json()

    assert renamed == {**survey, "name": "All chats", "window_hours": 24}


@ON_BOTH
def test_a_new_window_applies_to_the_next_press(
    clock: SetClock, client: FlaskClient, make: Make, site: MadeSite, api: Api
) -> None:
    """Check a closed survey: it accepts votes for its window, which is cached by the site's version."""
    survey = make.survey(site, "article", window_hours=24 * 7)
    article = {"kind": "article", "subject": "/returns"}
    page = Page(client, site.key, str(survey.revision))
    api.patch(f"/surveys/{survey.id}", {"closed": True})
    clock.forward(days=3)
    assert page.vote(article, 3).status_code == 200, "a day for the old file, and the window"
    assert api.patch(f"/surveys/{survey.id}", {"window_hours": 1}).status_code == 200
    response = page.vote(article, 3)
    assert (response.status_code, response.get_json()["code"]) == (409, "closed")


def test_a_new_name_does_not_change_the_site(app: Flask, api: Api, site: MadeSite, survey: Any) -> None:
    before = rows(app, "site", id=site.id)
    api.patch(f"/surveys/{survey['id']}", {"name": "All chats"})
    assert rows(app, "site", id=site.id) == before


REJECTED: list[tuple[dict[str, Any], str]] = [
    ({"name": None}, "/name"),
    ({"placement": "header"}, "/placement"),
    ({"placement": None}, "/placement"),
    ({"look": "smileys"}, "/look"),
    ({"direction": "down"}, "/direction"),
    ({"look": "nps", "texts": {"en": {"labels": ["a"]}}}, "/texts/en"),
    ({"look": "nps", "texts": {"en": {"ends": ["a"]}}}, "/texts/en/ends"),
    ({"look": "stars", "texts": {"en": {"ends": ["a", "b"]}}}, "/texts/en"),
    ({"scale": "three"}, "/scale"),
    ({"comment": "yes"}, "/comment"),
    ({"window_hours": 0}, "/window_hours"),
    ({"window_hours": 1.5}, "/window_hours"),
    ({"texts": {"en": {"question": "x" * 301}}}, "/texts/en/question"),
    ({"texts": {"en": {"question": " "}}}, "/texts/en/question"),
    ({"texts": {"en": {"labels": ["Bad", "Good"]}}}, "/texts/en/labels"),
    ({"texts": {"en": {"labels": ["Bad", "", "Good"]}}}, "/texts/en/labels/1"),
    ({"texts": {"en": {"labels": [1, 2, 3]}}}, "/texts/en/labels/0"),
    ({"texts": {"en": {"title": "x"}}}, "/texts/en/title"),
    ({"texts": {"../en": {"question": "x"}}}, "/texts/..~1en"),
    ({"texts": {"en": "x"}}, "/texts/en"),
    ({"texts": []}, "/texts"),
    ({"closed": True}, "/closed"),
]


def test_a_wrong_survey_is_rejected_and_not_created(api: Api, subtests: pytest.Subtests) -> None:
    for fields, pointer in REJECTED:
        with subtests.test(fields=fields):
            answer = api.post("/surveys", {"name": "Chats", "placement": "chat_end", **fields})

            assert (answer.status_code, answer.get_json()["pointer"]) == (422, pointer)
            assert api.get("/surveys").get_json()["surveys"] == []


def test_a_change_of_a_fixed_field_is_rejected(api: Api, survey: Any, subtests: pytest.Subtests) -> None:
    for name in ("placement", "look", "texts", "revisions", "closed_at", "created_at", "id"):
        with subtests.test(name=name):
            answer = api.patch(f"/surveys/{survey['id']}", {name: survey.get(name), "name": "Other"})

            assert answer.get_json()["pointer"] == f"/{name}"
            assert api.get(f"/surveys/{survey['id']}").get_json()["name"] == "Chats"


def test_another_sites_survey_is_like_a_missing_one(api: Api, make: Make, survey: Any) -> None:
    stranger = make.back_end(make.site(name="Other"))
    missing = "01890000-0000-7000-8000-000000000000"

    for method, below, body in (("GET", "", None), ("PATCH", "", {"closed": True}), ("POST", "/revisions", {})):
        foreign = stranger.call(method, f"/surveys/{survey['id']}{below}", body)
        unknown = stranger.call(method, f"/surveys/{missing}{below}", body)
        assert foreign.status_code == 404 and foreign.data == unknown.data
    assert api.get(f"/surveys/{survey['id']}").get_json() == survey
