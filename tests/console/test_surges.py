"""The page of surges: votes that are not counted until one press excludes or keeps them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.conversations.talk import done
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from tests.widget.conftest import Page
from widget_server.jobs import schedule
from widget_server.jobs.loop import run_once
from widget_server.ratings import surges

from .conftest import Desk
from .html import Element
from .test_manual import FOREIGN

MARK = next(job for job in schedule.JOBS if "surges" in job.name)


@pytest.fixture
def surge(app: Flask, article_page: Page, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Store a surge of three votes."""
    monkeypatch.setattr(surges, "MIN_VOTES", 2)
    clock.set(datetime(2026, 3, 3, 12, tzinfo=UTC))
    run_once(app, MARK)
    for _ in range(3):
        done(article_page.vote({"kind": "article", "subject": "/prices"}, 1, comment="buy"))
    run_once(app, MARK)


def entry(desk: Desk) -> Element:
    return next(desk.console.read(f"{desk.site.key}/surges").one("ul", klass="entries").all("li"))


def statuses(make: Make, site: MadeSite) -> set[str]:
    return {vote["status"] for vote in done(make.back_end(site).get("/votes"))["votes"]}


def test_without_a_surge_the_page_says_what_it_is_for(desk: Desk) -> None:
    assert "No surges." in entry(desk).text
    assert "not counted" not in desk.console.read(f"{desk.site.key}/articles").text


def test_a_surge_is_announced_then_excluded_then_kept(desk: Desk, surge: None, make: Make, site: MadeSite) -> None:
    articles = desk.console.read(f"{desk.site.key}/articles")
    assert "One surge of unverified ratings is not counted." in articles.text
    assert "3 suspected, not counted" in articles.one("section", klass="figure").text
    assert "unusually many votes in this hour" in articles.one("section", klass="figure").text
    exclude, keep = entry(desk).all("form")
    assert "3 ratings · 2 expected at most" in entry(desk).text

    assert desk.send(exclude, headers=FOREIGN).status_code == 403
    assert statuses(make, site) == {"suspected"}
    assert desk.send(exclude).status_code == 303
    assert statuses(make, site) == {"excluded"}
    assert "Excluded by Owner link" in entry(desk).text
    assert [form.one("button").text for form in entry(desk).all("form")] == ["Keep: /prices"]
    assert desk.send(keep).status_code == 303
    assert statuses(make, site) == {"counted"}
    assert "Kept by Owner link" in entry(desk).text


def test_a_surge_of_another_site_is_not_found(desk: Desk, surge: None, make: Make, site: MadeSite) -> None:
    exclude, _ = entry(desk).all("form")
    exclude.attributes["action"] = exclude["action"].replace(desk.site.key, make.site().key)
    assert desk.send(exclude).status_code == 404
    assert statuses(make, site) == {"suspected"}
