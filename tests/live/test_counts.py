"""Events without an answer: an expired invitation, and the impressions of an article's survey."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import update

from tests.conversations.rows import rows, table
from tests.conversations.talk import Talk
from tests.databases import ON_BOTH
from tests.factories import MadeSite
from tests.widget.conftest import Page
from widget_server.core import clock
from widget_server.jobs.loop import run_once
from widget_server.jobs.schedule import JOBS
from widget_server.storage.db import db
from widget_server.subjects import service as subjects

from .conftest import Live, Person, Tell

pytestmark = ON_BOTH
EXPIRE = next(job for job in JOBS if "expired" in job.name)
ARTICLE = {"kind": "article", "subject": "/returns"}


def test_an_expired_invitation_is_an_event(
    live: Live, person: Person, site: MadeSite, app: Flask, talks: Callable[..., Talk], tell: Tell
) -> None:
    talk, other = talks().chat(), talks().chat()
    talk.ask(), other.ask()
    conversation = talk.read()["id"]
    reader = live.open(person.token(site), conversation=conversation)
    with app.app_context():
        db.session.execute(update(table("invitation")).values(expires_at=clock.now() - timedelta(minutes=1)))
        db.session.commit()
    run_once(app, EXPIRE)

    [change] = reader.changes(1)

    assert (change["kind"], change["conversation"]) == ("invitation.expired", conversation)
    assert change["segment"] == talk.segments()[0]["id"]
    tell(site, versions=[99], conversation_id=UUID(conversation))
    assert reader.next_version() == 99, "each change is reported once, and only to its followers"


def test_dismissals_of_an_article_are_events_though_not_each_time(
    live: Live, person: Person, site: MadeSite, app: Flask, article_page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subjects, "EVENT_INTERVAL_SECONDS", 3600.0)
    reader, page = live.open(person.token(site)), live.open(person.token(site), list="1")
    for _ in range(3):
        assert article_page.post("dismissed", ARTICLE).status_code == 204

    [change] = reader.changes(1)

    assert (change["kind"], change["subject"]) == ("subject.changed", str(rows(app, "subject")[0].id))
    assert page.next().event == "list"
    # The next event is another article's, so this one caused none.
    assert article_page.post("dismissed", {**ARTICLE, "subject": "/other"}).status_code == 204
    assert reader.next().data["subject"] != change["subject"]
    monkeypatch.setattr(subjects, "EVENT_INTERVAL_SECONDS", 0.0)
    assert article_page.post("dismissed", ARTICLE).status_code == 204
    assert reader.changes(1)[0]["subject"] == change["subject"]
