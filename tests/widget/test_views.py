"""Impressions of articles are summed in the process, and written together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from tests.conversations.rows import rows
from tests.databases import ON_BOTH
from widget_server.storage import group_commit
from widget_server.storage.db import new_id
from widget_server.subjects import views
from widget_server.widget import impressions, view_sums
from widget_server.widget.view_sums import ViewSums, sums_of

from .conftest import Page


def view(article_page: Page, subject: str) -> int:
    return int(article_page.post("seen", {"kind": "article", "subject": subject}).status_code)


def shown_counts(app: Flask) -> dict[str, int]:
    names = {row.id: row.subject for row in rows(app, "subject")}
    return {names[row.subject_id]: row.shown_count for row in rows(app, "subject_day")}


@pytest.fixture
def sums(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[ViewSums]:
    """Yield the sums of the process, which only the test writes; what it leaves is dropped."""
    monkeypatch.setattr(ViewSums, "start", lambda self: None)
    of_process = sums_of(app.extensions["tilfreds_engines"].write)
    yield of_process
    of_process.sums.clear()
    of_process.pages.clear()
    of_process.is_waiting = False


@ON_BOTH
def test_views_are_written_together_with_one_event_for_each_article(
    app: Flask, article_page: Page, sums: ViewSums, monkeypatch: pytest.MonkeyPatch
) -> None:
    for subject in ("/b", "/a", "/b?page=2", "/b"):
        assert view(article_page, subject) == 204
    assert (rows(app, "subject"), rows(app, "event")) == ([], []), "nothing is written before the two seconds are over"

    def fail(*values: Any) -> None:
        raise OperationalError("", {}, Exception("the database is locked"))

    with monkeypatch.context() as patch:
        patch.setattr(group_commit, "commit", fail)
        sums.write()
    assert view(article_page, "/a") == 204
    sums.write()

    assert shown_counts(app) == {"/a": 2, "/b": 3}
    assert [row.kind for row in rows(app, "event")] == ["subject.changed"] * 2 + ["site.contacted"]
    sums.write()
    assert shown_counts(app) == {"/a": 2, "/b": 3}


@ON_BOTH
def test_views_that_the_database_refuses_delay_no_others(app: Flask, article_page: Page, sums: ViewSums) -> None:
    assert view(article_page, "/a") == 204
    (seen_view,) = sums.sums
    missing_view = seen_view._replace(site_id=new_id())
    sums.add(missing_view.site_id, missing_view, None)
    sums.write()

    assert shown_counts(app) == {"/a": 1}
    assert not sums.sums
    assert view(article_page, "/a") == 204
    sums.write()
    assert shown_counts(app) == {"/a": 2}


def test_views_create_a_bounded_number_of_articles(
    app: Flask, article_page: Page, sums: ViewSums, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MAX_NEW_PER_DAY", 2)
    monkeypatch.setattr(impressions, "MAX_NEW_SUBJECTS_PER_SOURCE", 4)
    statuses = [view(article_page, f"/{number}") for number in range(5)]
    sums.write()

    assert statuses == [204, 204, 204, 204, 429]
    assert shown_counts(app) == {"/0": 1, "/1": 1}
    voted = article_page.vote({"kind": "article", "subject": "/9"})
    assert voted.status_code == 200, "a vote may create an article beyond the limit"
    assert [view(article_page, subject) for subject in ("/0", "/9")] == [204, 204]
    sums.write()
    assert shown_counts(app) == {"/0": 2, "/1": 1, "/9": 1}


def test_many_readers_of_a_new_article_are_one_new_article(
    article_page: Page, sums: ViewSums, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(impressions, "MAX_NEW_SUBJECTS_PER_SOURCE", 1)
    assert [view(article_page, "/new") for _ in range(3)] == [204] * 3
    assert view(article_page, "/another") == 429


def test_memory_for_views_is_bounded(
    app: Flask, article_page: Page, sums: ViewSums, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view_sums, "MAX_WAITING", 2)
    for subject in ("/a", "/b", "/c", "/a"):
        view(article_page, subject)
    sums.write()

    assert shown_counts(app) == {"/a": 2, "/b": 1}
