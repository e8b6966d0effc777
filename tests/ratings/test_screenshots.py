"""A screenshot is removed with its answer, its visitor or its site, and a backup includes it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from widget_server.backup import copies
from widget_server.core.config import Config
from widget_server.jobs import schedule
from widget_server.jobs.loop import run_once

from ..back_end import Api
from ..conversations.rows import count, rows
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..factories import MadeSite, Make
from ..frozen_clock import SetClock
from ..widget.conftest import Page, press_id
from ..widget.pictures import picture
from ..widget.showing import Answer, answer, answers

__all__ = ["answer", "answers"]


@pytest.fixture
def survey(make: Make, site: MadeSite) -> Any:
    return make.survey(site, screenshot=True)


@pytest.fixture
def ann(api: Api, page: Page) -> tuple[Talk, Answer]:
    """Store a chat of Ann with a rating and a screenshot."""
    talk, id = Talk(api, page, visitor="ann").chat(), press_id()
    answer = Answer(page, talk.vote(talk.ask(), 1, id=id, comment="Look")["vote"], id)
    assert answer.show(picture()).status_code == 200
    return talk, answer


def test_the_transcript_holds_the_screenshot(api: Api, ann: tuple[Talk, Answer]) -> None:
    talk, answer = ann
    rating = talk.segments()[0]["rating"]
    assert (rating["screenshot"]["width"], rating["screenshot"]["height"]) == (64, 40)
    assert rating["screenshot_url"].endswith(f"/api/v1/votes/{answer.vote}/screenshot")


@ON_BOTH
def test_a_screenshot_is_removed_with_its_answer_and_no_change_restores_it(
    app: Flask, ann: tuple[Talk, Answer]
) -> None:
    talk, answer = ann
    token = talk.ask()
    talk.vote(token, 2, id=answer.id, rev=2)
    assert count(app, "screenshot") == 1, "a changed answer keeps it"
    talk.vote(token, None, id=answer.id, rev=3)
    assert count(app, "screenshot") == 0
    response = answer.show(picture())
    assert (response.status_code, response.get_json()["code"]) == (409, "removed")
    talk.vote(token, 3, id=answer.id, rev=4)
    assert talk.segments()[0]["rating"]["screenshot"] is None


@ON_BOTH
def test_a_screenshot_is_removed_with_its_visitor_only(
    app: Flask, api: Api, ann: tuple[Talk, Answer], answer: Answer
) -> None:
    assert answer.show(picture()).status_code == 200
    assert done(api.post("/visitors/ann/erase")) == {"conversations": 1}
    (remaining_row,) = rows(app, "screenshot")
    assert str(remaining_row.vote_id) == answer.vote
    assert api.get(f"/votes/{ann[1].vote}/screenshot").status_code == 404


@ON_BOTH
def test_an_erasure_that_fails_removes_nothing(
    app: Flask, api: Api, ann: tuple[Talk, Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("widget_server.privacy.erasure.erase_vote", fail)
    assert api.post("/visitors/ann/erase").status_code == 500
    assert count(app, "screenshot") == 1


@ON_BOTH
def test_screenshots_are_deleted_once_their_site_can_no_longer_be_restored(
    app: Flask, make: Make, site: MadeSite, ann: tuple[Talk, Answer], answer: Answer, clock: SetClock
) -> None:
    (deletion,) = (job for job in schedule.JOBS if "removed sites" in job.name)
    other_site, id = make.site(name="Other"), press_id()
    revision = make.survey(other_site, "article", screenshot=True).revision
    page = Page(answer.page.client, other_site.key, str(revision))
    vote = done(page.vote({"kind": "article", "subject": "/a"}, id=id))["vote"]
    assert Answer(page, vote, id).show(picture()).status_code == 200
    answer.show(picture())
    assert count(app, "screenshot") == 3
    done(make.operator().call("DELETE", f"/sites/{site.key}"))
    assert answer.show(picture()).status_code == 404
    clock.forward(days=7)
    run_once(app, deletion)
    assert count(app, "screenshot") == 3
    clock.forward(seconds=1)
    run_once(app, deletion)
    (remaining_row,) = rows(app, "screenshot")
    assert (remaining_row.site_id, count(app, "vote")) == (other_site.id, 3)
    assert answer.show(picture()).status_code == 404


@ON_BOTH
def test_a_backup_includes_screenshots(config: Config, ann: tuple[Talk, Answer]) -> None:
    target = config.data_dir / "copy"
    assert copies.make_copy(config, target)["screenshot"] == 1
