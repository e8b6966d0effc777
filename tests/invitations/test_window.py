"""Response windows, and the revisions that pages with an older one receive."""

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
    """Publish a new revision of a survey and return its id."""
    body = {"look": "faces", "texts": TEXTS, **values}
    return str(done(api.post(f"/surveys/{survey.id}/revisions", body), 201)["revisions"][-1]["id"])


def close(api: Api, survey_id: object) -> None:
    done(api.patch(f"/surveys/{survey_id}", {"closed": True}))


def test_a_vote_after_the_window_is_rejected_with_its_reason(talk: Talk, clock: SetClock) -> None:
    token = talk.chat().ask()
    clock.forward(hours=DEFAULT_WINDOW_HOURS, seconds=1)
    response = talk.page.vote(token)
    assert (response.status_code, response.get_json()["code"]) == (409, "expired")
    assert talk.vote(token, age_ms=1_001)["status"] == "saved", "pressed in time, and sent later by an offline page"
    assert talk.statuses() == ["voted"]


def test_an_expired_invitation_is_not_shown_again(talk: Talk, clock: SetClock) -> None:
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


def test_the_vote_of_an_expired_invitation_cannot_be_changed(talk: Talk, clock: SetClock) -> None:
    token = talk.chat().ask()
    submission_id = press_id()
    talk.vote(token, 3, id=submission_id)
    clock.forward(hours=DEFAULT_WINDOW_HOURS, seconds=1)
    assert talk.page.vote(token, 1, id=submission_id, rev=2).get_json()["code"] == "expired"
    assert talk.vote(token, 3, id=submission_id)["status"] == "saved", "a repeated submission still gets its receipt"
    assert talk.segments()[0]["rating"]["answer"]["score"] == 3


def test_a_closed_survey_accepts_answers_to_earlier_invitations(talk: Talk, survey: MadeSurvey) -> None:
    token = talk.chat().ask()
    close(talk.api, survey.id)
    other_talk = Talk(talk.api, talk.page).chat()
    assert done(other_talk.page.end(other_talk.id)) == {"asked": False, "reason": "no_survey"}
    assert talk.vote(token)["status"] == "saved"


@ON_BOTH
def test_a_closed_survey_accepts_pages_with_the_old_file_for_a_day_and_the_window(
    clock: SetClock, article_page: Page, api: Api
) -> None:
    """The clock is set before the survey is published, because no press is earlier than its revision."""
    article = next(s for s in done(api.get("/surveys"))["surveys"] if s["placement"] == "article")
    close(api, article["id"])
    clock.forward(hours=24 + article["window_hours"])
    assert article_page.vote(ARTICLE).status_code == 200
    clock.forward(seconds=1)
    response = article_page.vote(ARTICLE)
    assert (response.status_code, response.get_json()["code"]) == (409, "closed")
    assert article_page.vote(ARTICLE, age_ms=1_000).status_code == 200, "pressed in time"
    done(api.patch(f"/surveys/{article['id']}", {"closed": False}))
    assert article_page.vote(ARTICLE).status_code == 200


@ON_BOTH
def test_an_old_revision_is_accepted_and_stored_with_the_vote(talk: Talk, survey: MadeSurvey) -> None:
    token = talk.chat().ask()
    newer = publish(talk.api, survey)
    first = talk.vote(token)
    again = talk.vote(token, 1, id=press_id(), revision=newer, rev=1)
    assert first["vote"] == again["vote"]
    assert again["status"] == "ignored", "at the same time the first vote of two browsers is kept"
    vote = done(talk.api.get(f"/votes/{first['vote']}"))
    assert vote["revision"] == str(survey.revision)


def test_a_page_receives_a_revision_that_it_has_or_the_newest_with_its_texts(talk: Talk, survey: MadeSurvey) -> None:
    newest = publish(talk.api, survey)
    talk.chat().end()
    old, unknown = str(survey.revision), str(uuid4())
    answer = done(talk.page.end(talk.id, revisions=[unknown, old]))
    assert (answer["revision"], "texts" in answer) == (old, False)
    answer = done(talk.page.poll(talk.id, revisions=[old, newest]))
    assert (answer["revision"], "texts" in answer) == (newest, False)
    for revisions in ([], [unknown]):
        answer = done(talk.page.end(talk.id, revisions=revisions))
        assert (answer["revision"], answer["look"], answer["scale"]) == (newest, "faces", "three")
        assert answer["texts"]["en"] == TEXTS["en"]


def test_the_revision_of_another_survey_is_not_offered(talk: Talk, survey: MadeSurvey, article_page: Page) -> None:
    talk.chat().end()
    answer = done(talk.page.end(talk.id, revisions=[article_page.revision]))
    assert answer["revision"] == str(survey.revision)
    assert "texts" in answer


@pytest.mark.parametrize("where", ["chat", "article"])
def test_a_vote_with_the_revision_of_another_placement_is_rejected(talk: Talk, article_page: Page, where: str) -> None:
    """Expect this because otherwise any page could add answers of one scale to the counts of another."""
    if where == "chat":
        response = talk.page.vote(talk.chat().ask(), revision=article_page.revision)
    else:
        response = article_page.vote(ARTICLE, revision=talk.page.revision)
    assert (response.status_code, response.get_json()["pointer"]) == (422, "/revision")


@pytest.mark.parametrize(("look", "invalid_scores"), [("faces", [0, 4, -1]), ("words", [0, 4]), ("thumbs", [0, 3])])
def test_a_score_must_be_on_the_scale_of_its_revision(
    talk: Talk, survey: MadeSurvey, look: str, invalid_scores: list[int]
) -> None:
    labels = ["No", "Yes"] if look == "thumbs" else ["No", "So so", "Yes"]
    revision = publish(talk.api, survey, look=look, texts={"en": {**TEXTS["en"], "labels": labels}})
    token = talk.chat().ask()
    for score in invalid_scores:
        response = talk.page.vote(token, score, revision=revision)
        assert (response.status_code, response.get_json()["pointer"]) == (422, "/score")
    assert talk.vote(token, 2, revision=revision)["score"] == 2


@ON_BOTH
def test_the_worker_expires_an_invitation_and_a_vote_in_time_still_counts(
    talk: Talk, clock: SetClock, app: Flask
) -> None:
    token = talk.chat().ask()
    clock.forward(hours=DEFAULT_WINDOW_HOURS, minutes=5)
    run_once(app, EXPIRE)
    assert talk.statuses() == ["expired"]
    assert talk.page.vote(token).get_json()["code"] == "expired"
    assert talk.vote(token, age_ms=int(timedelta(minutes=6) / timedelta(milliseconds=1)))["status"] == "saved"
    assert talk.statuses() == ["voted"]
    run_once(app, EXPIRE)
    assert talk.statuses() == ["voted"]
