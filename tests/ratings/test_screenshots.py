"""A visitor's picture goes with all that it stands on: its answer, its visitor, its site. And a backup has it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from widget_server.backup import copies
from widget_server.core.config import Config

from ..back_end import Api
from ..conversations.rows import count, rows
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..factories import MadeSite, Make
from ..widget.conftest import Page, press_id
from ..widget.pictures import picture
from ..widget.showing import Answer, answer, answers

__all__ = ["answer", "answers"]


@pytest.fixture
def survey(make: Make, site: MadeSite) -> Any:
    return make.survey(site, screenshot=True)


@pytest.fixture
def ann(api: Api, page: Page) -> tuple[Talk, Answer]:
    """Ann's chat, rated with a picture."""
    talk, id = Talk(api, page, visitor="ann").chat(), press_id()
    shown = Answer(page, talk.vote(talk.ask(), 1, id=id, comment="Look")["vote"], id)
    assert shown.show(picture()).status_code == 200
    return talk, shown


def test_it_stands_in_the_transcript(api: Api, ann: tuple[Talk, Answer]) -> None:
    talk, shown = ann
    rating = talk.segments()[0]["rating"]
    assert (rating["screenshot"]["width"], rating["screenshot"]["height"]) == (64, 40)
    assert rating["screenshot_url"].endswith(f"/api/v1/votes/{shown.vote}/screenshot")


@ON_BOTH
def test_it_goes_with_the_answer_and_comes_back_by_no_change(app: Flask, ann: tuple[Talk, Answer]) -> None:
    talk, shown = ann
    token = talk.ask()
    talk.vote(token, 2, id=shown.id, rev=2)
    assert count(app, "screenshot") == 1, "a changed answer keeps it"
    talk.vote(token, None, id=shown.id, rev=3)
    assert count(app, "screenshot") == 0
    refused = shown.show(picture())
    assert (refused.status_code, refused.get_json()["code"]) == (409, "removed")
    talk.vote(token, 3, id=shown.id, rev=4)
    assert talk.segments()[0]["rating"]["screenshot"] is None


@ON_BOTH
def test_it_goes_with_its_visitor_and_no_other(app: Flask, api: Api, ann: tuple[Talk, Answer], answer: Answer) -> None:
    assert answer.show(picture()).status_code == 200
    assert done(api.post("/visitors/ann/erase")) == {"conversations": 1}
    (left,) = rows(app, "screenshot")
    assert str(left.vote_id) == answer.vote
    assert api.get(f"/votes/{ann[1].vote}/screenshot").status_code == 404


@ON_BOTH
def test_an_erasing_that_fails_takes_nothing(
    app: Flask, api: Api, ann: tuple[Talk, Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall(*args: Any) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("widget_server.privacy.erasure._clear_votes", fall)
    assert api.post("/visitors/ann/erase").status_code == 500
    assert count(app, "screenshot") == 1


@ON_BOTH
def test_it_goes_with_its_site_and_no_other(
    app: Flask, make: Make, site: MadeSite, ann: tuple[Talk, Answer], answer: Answer
) -> None:
    other = make.site(name="Other")
    page, id = (
        Page(answer.page.client, other.key, str(make.survey(other, "article", screenshot=True).revision)),
        press_id(),
    )
    vote = done(page.vote({"kind": "article", "subject": "/a"}, id=id))["vote"]
    assert Answer(page, vote, id).show(picture()).status_code == 200
    answer.show(picture())
    assert count(app, "screenshot") == 3
    done(make.operator().call("DELETE", f"/sites/{site.key}"))
    (left,) = rows(app, "screenshot")
    assert (left.site_id, count(app, "vote")) == (other.id, 3)
    assert answer.show(picture()).status_code == 404


@ON_BOTH
def test_a_backup_counts_it(config: Config, ann: tuple[Talk, Answer]) -> None:
    target = config.data_dir / "copy"
    assert copies.make_copy(config, target)["screenshot"] == 1
