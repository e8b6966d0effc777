"""The page on which a site's faces were last seen."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.conversations.rows import rows
from tests.databases import ON_BOTH
from tests.factories import ORIGIN
from tests.frozen_clock import SetClock
from widget_server.subjects import names
from widget_server.widget.view_sums import ViewSums

from .conftest import Page
from .test_views import sums

__all__ = ["sums"]


def see(page: Page, subject: str, headers: dict[str, str] | None = None, kind: str = "article") -> Any:
    return page.post("seen", {"kind": kind, "subject": subject}, **(headers or {}))


def contacts(app: Flask) -> list[tuple[str, str]]:
    return [(row.origin, row.path) for row in rows(app, "site_contact")]


@ON_BOTH
def test_the_newest_page_of_a_site_is_written_once_in_two_seconds(
    app: Flask, article_page: Page, sums: ViewSums, clock: SetClock
) -> None:
    for subject in ("/a", "/b?token=secret#x"):
        see(article_page, subject)
    assert contacts(app) == []
    sums.write()
    assert contacts(app) == [(ORIGIN, "/b")]

    for seconds, events in ((29, 1), (30, 2)):
        clock.forward(seconds=seconds)
        see(article_page, "/c")
        sums.write()
        assert contacts(app) == [(ORIGIN, "/c")]
        kinds = [row.kind for row in rows(app, "event")]
        assert kinds.count("site.contacted") == events, "an open page hears of it again after a pause"


def test_a_subject_that_is_no_path_is_not_shown_as_one(app: Flask, article_page: Page, sums: ViewSums) -> None:
    see(article_page, "order-received", kind="page")
    sums.write()
    assert contacts(app) == [(ORIGIN, "")]


def test_the_address_of_a_page_is_parsed_only_when_it_is_written(
    app: Flask, article_page: Page, sums: ViewSums, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed_paths: list[str] = []
    shorten_path = names.shorten_path

    def record_path(path: str) -> str:
        parsed_paths.append(path)
        return shorten_path(path)

    monkeypatch.setattr(names, "shorten_path", record_path)
    for subject in ("/a", "/b", "/c"):
        see(article_page, subject)
    assert parsed_paths == ["/a", "/b", "/c"], "each name of an article, and not also the address of its page"
    sums.write()
    assert contacts(app) == [(ORIGIN, "/c")]
