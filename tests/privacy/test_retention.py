"""Each kind of data of a site is deleted when its period is over; newer data, other kinds and all counters stay."""

from __future__ import annotations

import dataclasses
import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from widget_server.jobs import schedule
from widget_server.jobs.loop import run_once
from widget_server.privacy import retention
from widget_server.ratings.recount import mend_counters
from widget_server.sites.models import Site
from widget_server.storage.db import db

from ..back_end import Api
from ..conversations.rows import count, counts, rows, wrong_counts
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..factories import MadeSite, Make
from ..frozen_clock import SetClock
from ..jobs.test_batches import Between
from ..surveys.sample_questions import SAMPLE_QUESTIONS
from ..widget.conftest import Page, press_id
from ..widget.pictures import picture
from ..widget.showing import Answers, answers

__all__ = ["answers"]
JOB = next(job for job in schedule.JOBS if "retention" in job.name)
DAYS = 30
ARTICLE = {"kind": "article", "subject": "/a"}
OLD, NEW = "old7f3a", "new7f3a"
NO_PERIODS: dict[str, int] = {}


@pytest.fixture
def asking_page(make: Make, site: MadeSite, article_page: Page) -> Page:
    return dataclasses.replace(article_page, revision=str(make.survey(site, "article", **SAMPLE_QUESTIONS).revision))


def fill(api: Api, page: Page, asking_page: Page, mark: str) -> None:
    """Store a rated conversation and a rating of an article that was changed, with a mark in every text."""
    talk = Talk(api, page, title=mark, customer_reference=mark, page=f"/{mark}", custom_fields={"field": mark}).chat()
    talk.say("visitor", mark)
    talk.vote(talk.ask(), 1, comment=mark)
    id = press_id()
    for rev, suffix in ((1, "?"), (2, "!")):
        followed = {"wish": mark + suffix, "call": mark + suffix, "effort": 4}
        done(asking_page.vote({**ARTICLE, "subject": f"/{mark}"}, 1, id=id, rev=rev, comment=mark, answers=followed))


def run(app: Flask, stop: threading.Event | None = None) -> None:
    run_once(app, JOB, stop)


def keep(api: Api, **days: int) -> None:
    done(api.patch("/site", {"retention": days}))


def places(app: Flask, mark: str) -> set[tuple[str, str]]:
    """Return (table, column) of everything that holds the mark."""
    names = ("vote", "vote_change", "message", "conversation", "invitation", "screenshot")
    return {
        (name, column)
        for name in names
        for row in rows(app, name)
        for column, value in row._asdict().items()
        if mark in str(value)
    }


#: What each kind deletes.
PLACES: dict[str, set[tuple[str, str]]] = {
    "comments": {("vote", "comment"), ("vote", "comment_folded"), ("vote_change", "comment")},
    "messages": {("message", "text")},
    "details": {
        *(("conversation", column) for column in ("title", "customer_reference", "page", "custom_fields")),
        ("invitation", "context"),
    },
}


@ON_BOTH
def test_what_is_due_is_deleted_and_the_rest_stays(
    app: Flask, api: Api, page: Page, asking_page: Page, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "ROWS_PER_BATCH", 1)
    keep(api)
    fill(api, page, asking_page, OLD)
    clock.forward(days=DAYS, minutes=1)
    fill(api, page, asking_page, NEW)
    before, new_places = counts(app), places(app, NEW)
    run(app)
    assert places(app, OLD) == new_places, "nothing is deleted without a period"
    for kind, deleted_places in PLACES.items():
        keep(api, **{kind: DAYS})
        run(app)
        assert places(app, OLD) & deleted_places == set(), kind
    assert places(app, OLD) == {("vote", "answers"), ("vote_change", "answers")}
    keep(api, contacts=DAYS)
    run(app)
    assert (places(app, OLD), places(app, NEW)) == (set(), new_places)
    votes = [row for row in rows(app, "vote") if row.kind == "article"]
    assert [row.answers for row in votes] == [
        {"effort": 4},
        {"wish": f"{NEW}!", "call": f"{NEW}!", "effort": 4},
    ]
    assert (counts(app), wrong_counts(app)) == (before, [])


@ON_BOTH
def test_ratings_go_and_their_counters_stay(
    app: Flask, api: Api, page: Page, asking_page: Page, clock: SetClock
) -> None:
    fill(api, page, asking_page, OLD)
    clock.forward(days=DAYS, minutes=1)
    fill(api, page, asking_page, NEW)
    before = counts(app)
    keep(api, ratings=DAYS)
    run(app)
    assert (count(app, "vote"), counts(app), wrong_counts(app)) == (2, before, [])
    with app.app_context():
        mend_counters(db.session.connection())
        db.session.commit()
    assert counts(app) == before
    for row in done(api.get("/conversations"))["conversations"]:
        done(api.get(f"/conversations/{row['external_id']}"))
    assert len(done(api.get("/votes"))["votes"]) == 2


def test_a_rating_stays_while_its_visitor_can_change_it(app: Flask, api: Api, page: Page, clock: SetClock) -> None:
    """Its counter stays after a deletion, so a second press would count the visitor twice."""
    keep(api, ratings=1)
    talk = Talk(api, page).chat()
    talk.say("visitor")
    token = talk.ask()
    talk.vote(token, 3)
    clock.forward(days=1, minutes=5)
    run(app)
    talk.vote(token, 1, rev=2)
    assert sum(counts(app)["tally"].values()) == 1 and wrong_counts(app) == []
    clock.forward(days=60)
    run(app)
    assert count(app, "vote") == 0


def test_a_changed_rating_is_as_old_as_its_change(app: Flask, api: Api, asking_page: Page, clock: SetClock) -> None:
    keep(api, comments=DAYS, ratings=DAYS)
    id = press_id()
    done(asking_page.vote(ARTICLE, 1, id=id, comment="First"))
    clock.forward(days=DAYS - 1)
    done(asking_page.vote(ARTICLE, 1, id=id, rev=2, comment="Second"))
    clock.forward(days=DAYS - 1)
    run(app)
    assert [row.comment for row in rows(app, "vote")] == ["Second"]
    clock.forward(days=2)
    run(app)
    assert count(app, "vote") == 0


def test_pictures_and_views(app: Flask, api: Api, answers: Answers, clock: SetClock) -> None:
    saved = answers("/a")
    assert saved.show(picture()).status_code == 200
    saved.page.post("impressions", {**ARTICLE, "revision": saved.page.revision, "id": press_id()})
    keep(api, pictures=DAYS, views=DAYS)
    clock.forward(days=DAYS + 1, minutes=1)
    run(app)
    assert (count(app, "screenshot"), count(app, "subject_day"), count(app, "vote")) == (0, 0, 1)


@ON_BOTH
def test_the_announced_rows_are_those_that_a_run_deletes(
    app: Flask, api: Api, page: Page, asking_page: Page, clock: SetClock
) -> None:
    keep(api)
    fill(api, page, asking_page, OLD)
    clock.forward(days=DAYS, minutes=1)
    fill(api, page, asking_page, NEW)

    def announced() -> dict[str, int]:
        with app.app_context():
            (site,) = db.session.query(Site)
            return {kind: retention.count_due(site, kind, DAYS) for kind in retention.RETAINED}

    assert announced() == {
        "comments": 2, "contacts": 1, "pictures": 0, "messages": 3, "details": 1, "ratings": 2, "views": 0,
    }  # fmt: skip
    keep(api, comments=DAYS, contacts=DAYS, messages=DAYS, details=DAYS, ratings=DAYS)
    run(app)
    assert set(announced().values()) == {0}


def test_each_condition_reads_an_index_of_old_rows(
    app: Flask, site: MadeSite, asking_page: Page, subtests: Any
) -> None:
    """A large site is not read as a whole for the few rows that are due."""
    indexes = {
        "comments": ["ix_vote_worded", "ix_vote_answered"],
        "contacts": ["ix_vote_answered"],
        "pictures": ["ix_screenshot_stored"],
        "messages": ["ix_message_texts"],
        "ratings": ["ix_vote_first"],
    }
    with app.app_context():
        stored_site = db.session.get_one(Site, site.id)
        for kind, names in indexes.items():
            retained = retention.RETAINED[kind]
            for is_due, name in zip(retained.is_due, names, strict=True):
                with subtests.test(kind=kind, name=name):
                    query = select(retained.model).where(is_due(stored_site, stored_site.created_at))
                    sql = query.compile(db.engine, compile_kwargs={"literal_binds": True})
                    assert name in str(db.session.execute(text(f"EXPLAIN QUERY PLAN {sql}")).all())


@ON_BOTH
def test_votes_are_stored_between_batches(
    app: Flask, api: Api, page: Page, asking_page: Page, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "ROWS_PER_BATCH", 1)
    keep(api, comments=DAYS)
    for _ in range(3):
        done(asking_page.vote(ARTICLE, 1, comment=OLD))
    clock.forward(days=DAYS, minutes=1)
    between = Between(lambda: done(asking_page.vote(ARTICLE, 1, comment=NEW)))
    run(app, between)
    assert (between.pauses, places(app, OLD)) == (3, set())
    assert [row.comment for row in rows(app, "vote")] == [None] * 3 + [NEW] * 3


def test_another_site_keeps_its_data(
    app: Flask, api: Api, page: Page, asking_page: Page, make: Make, clock: SetClock
) -> None:
    other_site = make.site(name="Other")
    other_api = make.back_end(other_site)
    keep(other_api)
    other_page = Page(page.client, other_site.key, str(make.survey(other_site).revision))
    asking_other = dataclasses.replace(
        other_page, revision=str(make.survey(other_site, "article", **SAMPLE_QUESTIONS).revision)
    )
    fill(other_api, other_page, asking_other, NEW)
    fill(api, page, asking_page, OLD)
    before = places(app, NEW)
    clock.forward(days=DAYS + 1)
    keep(api, **dict.fromkeys(retention.RETAINED, DAYS))
    run(app)
    assert (places(app, OLD), places(app, NEW)) == (set(), before)


def test_the_setting(api: Api, subtests: pytest.Subtests) -> None:
    assert done(api.get("/site"))["retention"] == {
        "comments": 730, "contacts": 730, "pictures": 183, "messages": 730, "details": 730,
    }  # fmt: skip
    refused: list[tuple[Any, str]] = [
        ({"comments": 0}, "/retention/comments"),
        ({"comments": 3651}, "/retention/comments"),
        ({"names": 3}, "/retention/names"),
    ]
    for value, pointer in refused:
        with subtests.test(value=value):
            response = api.patch("/site", {"retention": value})
            assert (response.status_code, response.get_json()["pointer"]) == (422, pointer)
