"""The console's pages about personal data: periods, masks, requests of one person, and documents by the settings."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.back_end import Api
from tests.conversations.rows import rows
from tests.conversations.talk import Talk, done
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from tests.surveys.sample_questions import SAMPLE_QUESTIONS
from widget_server.console.privacy.views import Person
from widget_server.storage.db import engines_of

from .conftest import Desk
from .html import Element
from .test_settings import follow, page, save

Talks = Callable[..., Talk]


def requests_page(desk: Desk, id: str = "") -> Element:
    return desk.console.read(f"{desk.site.key}/settings/privacy/requests", query_string={"id": id} if id else {})


def send(desk: Desk, root: Element, action: str) -> Any:
    form = next(form for form in root.all("form", method="post") if form["action"].endswith(action))
    fields = {field["name"]: field["value"] for field in form.all("input")}
    return desk.console.client.post(form["action"], data=fields)


def test_masks_and_periods_are_set(desk: Desk, api: Api) -> None:
    """An empty field keeps the data; a wrong one is shown again with its message."""
    changes = {"redaction": ["card", "phone"], "retention.comments": "365", "retention.pictures": ""}
    assert "Saved." in follow(desk, save(desk, "privacy", changes)).text
    site = done(api.get("/site"))
    assert site["redaction"] == ["card", "phone"]
    assert site["retention"] == {"comments": 365, "contacts": 730, "messages": 730, "details": 730}
    assert "Saved." in follow(desk, save(desk, "privacy", {"redaction": None})).text
    assert done(api.get("/site"))["redaction"] == []
    for value in ("0", "3651", "two years"):
        response = save(desk, "privacy", {"retention.comments": value})
        assert response.status_code == 422
        assert value in response.text
    assert done(api.get("/site"))["retention"]["comments"] == 365


def test_the_page_announces_what_the_next_run_deletes(desk: Desk, api: Api, talks: Talks, clock: SetClock) -> None:
    talk = talks(title="Late").chat()
    talk.vote(talk.ask(), 1, comment="4111 1111 1111 1111")
    assert "Card numbers: 1" in page(desk, "privacy").text
    done(api.patch("/site", {"retention": {"comments": 30, "messages": 40}}))
    clock.forward(days=31)
    desk.console.sign_in()
    text = page(desk, "privacy").text
    assert "The next run deletes 1 entry." in text and "The next run deletes 0 entries." in text


def test_an_export_keeps_no_vote_waiting(desk: Desk, talks: Talks, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite has one writing connection, and an export of many ratings takes seconds."""
    talks(visitor="ann").chat()
    root = requests_page(desk, "ann")
    export, is_free = Person.export, []

    def export_while_another_writes(person: Person, site: Any) -> Any:
        with engines_of(app).write.begin() as connection:
            is_free.append(connection.in_transaction())
        return export(person, site)

    monkeypatch.setattr(Person, "export", export_while_another_writes)
    download = send(desk, root, "/export")
    assert (download.status_code, is_free) == (200, [True])


def test_a_visitor_is_found_exported_and_erased(desk: Desk, api: Api, talks: Talks, app: Flask) -> None:
    talk = talks(visitor="ann", title="canary7f3a").chat()
    talk.vote(talk.ask(), 1, comment="canary7f3a")
    assert "has the ID nobody" in requests_page(desk, "nobody").text.replace("\u2068", "").replace("\u2069", "")
    root = requests_page(desk, "ann")
    assert "1 conversation" in root.text and "1 rating" in root.text
    download = send(desk, root, "/export")
    assert download.headers["Content-Disposition"].startswith("attachment;")
    assert json.loads(download.data) == done(api.get("/visitors/ann/export"))
    erased = send(desk, requests_page(desk, "ann"), "/erase")
    assert "Erased." in follow(desk, erased).text
    assert api.get("/visitors/ann/export").status_code == 404
    assert "canary7f3a" not in str(rows(app, "vote") + rows(app, "conversation"))
    actions = [(row.action, row.target) for row in rows(app, "audit_entry")]
    assert [action for action, _ in actions if action.startswith("visitor.")] == ["visitor.exported", "visitor.erased"]
    assert "ann" not in [target.partition(" ")[2] for _, target in actions]


def test_a_conversation_is_found_and_erased(desk: Desk, api: Api, talks: Talks) -> None:
    talk = talks(title="canary7f3a").chat()
    root = requests_page(desk, talk.id)
    assert "Conversation" in root.text
    assert json.loads(send(desk, root, "/export").data) == done(api.get(f"{talk.path}/export"))
    assert send(desk, root, "/erase").status_code == 303
    assert api.get(talk.path).status_code == 404
    assert send(desk, root, "/erase").status_code == 404


def test_the_documents_follow_the_settings(desk: Desk, api: Api, make: Make, site: MadeSite, talks: Talks) -> None:
    def read() -> tuple[str, str]:
        root = desk.console.read(f"{site.key}/settings/privacy/record")
        return root.one("pre").text, root.one("dl").text

    done(api.patch("/site", {"retention": {"pictures": 90}, "redaction": []}))
    for survey in done(api.get("/surveys"))["surveys"]:
        done(api.patch(f"/surveys/{survey['id']}", {"closed": True}))
    text, record = read()
    assert "Screenshots: 90 days." in text and "no limit" in record
    for phrase in ("comment", "mask", "contact that you give", "customer ID", "the messages"):
        assert phrase not in text, phrase
    done(api.patch("/site", {"retention": {}, "redaction": ["email"]}))
    make.survey(site, "article", name="Help pages", screenshot=True, **SAMPLE_QUESTIONS)
    talks(visitor="ann").chat()
    text, record = read()
    for phrase in ("comment", "E-mail addresses", "contact that you give", "customer ID", "the messages", "screenshot"):
        assert phrase in text, phrase
    assert "automatically" not in text
    assert "Help pages" in record
