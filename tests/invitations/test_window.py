"""For how long a question may be answered, and what a page that kept an older wording is told."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask

from widget_server.jobs.loop import run_once
from widget_server.jobs.schedule import JOBS
from widget_server.surveys.service import DEFAULT_WINDOW_HOURS

from ..conftest import Api, SetClock
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..factories import MadeSurvey
from ..widget.conftest import Page, press_id

EXPIRE = next(job for job in JOBS if job.name == "invitations expired")
HOUR_MS = 3_600_000
ARTICLE = {"kind": "article", "subject": "/returns"}
TEXTS = {"en": {"question": "Well?", "labels": ["No", "So so", "Yes"], "thanks": "Thanks"}}


def publish(api: Api, survey: MadeSurvey, **values: object) -> str:
    """The id of a new revision of a survey."""
    body = {"look": "faces", "texts": TEXTS, **values}
    return str(done(api.post(f"/surveys/{survey.id}/revisions", body), 201)["revisions"][-1]["id"])


def close(api: Api, survey_id: object) -> None:
    done(api.patch(f"/surveys/{survey_id}", {"closed": True}))


def test_a_press_after_the_window_is_told_why(talk: Talk, clock: SetClock) -> None:
    token = talk.chat().ask()
    clock.forward(hours=DEFAULT_WINDOW_HOURS, seconds=1)
    refused = talk.page.vote(token)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "expired")
    assert talk.vote(token, age_ms=1_001)["status"] == "saved", "pressed within it, and kept by an offline page"
    assert talk.statuses() == ["voted"]


def test_an_expired_question_is_not_shown_again(talk: Talk, clock: SetClock) -> None:
    talk.chat().end()
    clock.forward(hours=DEFAULT_WINDOW_HOURS, seconds=1)
    for answer in (talk.page.end(talk.id), talk.page.poll(talk.id)):
        assert done(answer) == {"asked": False, "reason": "expired"}


def test_the_age_of_a_press_is_believed_for_two_days(talk: Talk, clock: SetClock) -> None:
    token = talk.chat().ask()
    clock.forward(hours=DEFAULT_WINDOW_HOURS + 48, seconds=1)
    assert talk.page.vote(token, age_ms=49 * HOUR_MS).get_json()["code"] == "expired"
    clock.forward(seconds=-2)
    assert talk.page.vote(token, age_ms=49 * HOUR_MS).status_code == 200


def test_the_seen_answer_of_an_expired_question_may_no_more_be_changed(talk: Talk, clock: SetClock) -> None:
    token = talk.chat().ask()
    press = press_id()
    talk.vote(token, 3, id=press)
    clock.forward(hours=DEFAULT_WINDOW_HOURS, seconds=1)
    assert talk.page.vote(token, 1, id=press, rev=2).get_json()["code"] == "expired"
    assert talk.vote(token, 3, id=press)["status"] == "saved", "a retry of what is stored still gets its receipt"
    assert talk.segments()[0]["rating"]["answer"]["score"] == 3


def test_a_closed_survey_asks_nobody_and_hears_those_who_were_asked(talk: Talk, survey: MadeSurvey) -> None:
    token = talk.chat().ask()
    close(talk.api, survey.id)
    other = Talk(talk.api, talk.page).chat()
    assert done(other.page.end(other.id)) == {"asked": False, "reason": "no_survey"}
    assert talk.vote(token)["status"] == "saved"


@ON_BOTH
def test_a_closed_survey_hears_pages_with_the_old_file_for_a_day_and_the_window(
    article_page: Page, api: Api, clock: SetClock
) -> None:
    article = next(s for s in done(api.get("/surveys"))["surveys"] if s["placement"] == "article")
    close(api, article["id"])
    clock.forward(hours=24 + article["window_hours"])
    assert article_page.vote(ARTICLE).status_code == 200
    clock.forward(seconds=1)
    refused = article_page.vote(ARTICLE)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "closed")
    assert article_page.vote(ARTICLE, age_ms=1_000).status_code == 200, "pressed in time"
    done(api.patch(f"/surveys/{article['id']}", {"closed": False}))
    assert article_page.vote(ARTICLE).status_code == 200


@ON_BOTH
def test_an_old_wording_is_accepted_and_kept_with_the_vote(talk: Talk, survey: MadeSurvey) -> None:
    token = talk.chat().ask()
    newer = publish(talk.api, survey)
    first = talk.vote(token)
    again = talk.vote(token, 1, id=press_id(), revision=newer, rev=1)
    assert first["vote"] == again["vote"]
    assert again["status"] == "ignored", "the same moment: the first press of two browsers stands"
    vote = done(talk.api.get(f"/votes/{first['vote']}"))
    assert vote["revision"] == str(survey.revision)


def test_a_page_is_told_a_wording_that_it_holds_else_the_newest_with_its_texts(talk: Talk, survey: MadeSurvey) -> None:
    newest = publish(talk.api, survey)
    talk.chat().end()
    old, unknown = str(survey.revision), str(uuid4())
    held = done(talk.page.end(talk.id, revisions=[unknown, old]))
    assert (held["revision"], "texts" in held) == (old, False)
    both = done(talk.page.poll(talk.id, revisions=[old, newest]))
    assert (both["revision"], "texts" in both) == (newest, False)
    for revisions in ([], [unknown]):
        told = done(talk.page.end(talk.id, revisions=revisions))
        assert (told["revision"], told["look"], told["scale"]) == (newest, "faces", "three")
        assert told["texts"]["en"] == TEXTS["en"]


def test_the_wording_of_another_survey_is_not_offered(talk: Talk, survey: MadeSurvey, article_page: Page) -> None:
    talk.chat().end()
    told = done(talk.page.end(talk.id, revisions=[article_page.revision]))
    assert told["revision"] == str(survey.revision)
    assert "texts" in told


@pytest.mark.parametrize("where", ["chat", "article"])
def test_an_answer_under_the_wording_of_another_place_is_refused(talk: Talk, article_page: Page, where: str) -> None:
    """Else anybody could mix answers of one scale into the counts of another."""
    if where == "chat":
        refused = talk.page.vote(talk.chat().ask(), revision=article_page.revision)
    else:
        refused = article_page.vote(ARTICLE, revision=talk.page.revision)
    assert (refused.status_code, refused.get_json()["pointer"]) == (422, "/revision")


@pytest.mark.parametrize(("look", "refused"), [("faces", [0, 4, -1]), ("words", [0, 4]), ("thumbs", [0, 3])])
def test_a_score_lies_on_the_scale_of_its_wording(
    talk: Talk, survey: MadeSurvey, look: str, refused: list[int]
) -> None:
    labels = ["No", "Yes"] if look == "thumbs" else ["No", "So so", "Yes"]
    revision = publish(talk.api, survey, look=look, texts={"en": {**TEXTS["en"], "labels": labels}})
    token = talk.chat().ask()
    for score in refused:
        answer = talk.page.vote(token, score, revision=revision)
        assert (answer.status_code, answer.get_json()["pointer"]) == (422, "/score")
    assert talk.vote(token, 2, revision=revision)["score"] == 2


@ON_BOTH
def test_an_invitation_is_marked_expired_by_the_worker_and_a_press_in_time_still_counts(
    talk: Talk, clock: SetClock, app: Flask
) -> None:
    from_ask = talk.chat().ask()
    clock.forward(hours=DEFAULT_WINDOW_HOURS, minutes=5)
    run_once(app, EXPIRE)
    assert talk.statuses() == ["expired"]
    assert talk.page.vote(from_ask).get_json()["code"] == "expired"
    assert talk.vote(from_ask, age_ms=int(timedelta(minutes=6) / timedelta(milliseconds=1)))["status"] == "saved"
    assert talk.statuses() == ["voted"]
    run_once(app, EXPIRE)
    assert talk.statuses() == ["voted"]
