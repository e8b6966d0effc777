"""Reasons and answers after the first tap: only what the revision asks after that answer, counted with the vote."""

from __future__ import annotations

import csv
import dataclasses
import io
from typing import Any

import pytest
from flask import Flask

from widget_server.inbox.vote_list import VoteFilter
from widget_server.reports.exports import export_votes
from widget_server.storage.db import db

from ..back_end import Api
from ..conversations.rows import counts, rows, wrong_counts
from ..conversations.talk import done
from ..databases import ON_BOTH
from ..factories import MadeSite, Make
from ..frozen_clock import SetClock
from ..invitations.signing import signed
from ..surveys.sample_questions import SAMPLE_QUESTIONS
from ..widget.conftest import Page, press_id

ARTICLE = {"kind": "article", "subject": "/a"}
REASONS = ["long", "unclear"]
ANSWERS = {"effort": 4, "wish": "the size", "call": "=ann@example.org"}
SEEN = {"why": "answered", "effort": "answered", "wish": "shown", "call": "skipped"}


@pytest.fixture
def asking_page(make: Make, site: MadeSite, article_page: Page) -> Page:
    return dataclasses.replace(article_page, revision=str(make.survey(site, "article", **SAMPLE_QUESTIONS).revision))


def question_counts(api: Api) -> dict[str, tuple[int, int, int, int]]:
    """(seen, shown, answered, skipped) by question, of the newest survey."""
    survey = done(api.get("/surveys"))["surveys"][-1]
    found = done(api.get(f"/surveys/{survey['id']}/questions"))["questions"]
    return {one["question"]: (one["seen"], one["shown"], one["answered"], one["skipped"]) for one in found}


#: Score, what is sent beside it, the field that is refused.
NOT_ASKED: list[tuple[int, dict[str, Any], str]] = [
    (1, {"reasons": ["rude"]}, "/reasons/0"),
    (1, {"reasons": ["long", "long"]}, "/reasons/1"),
    (3, {"reasons": ["long"]}, "/reasons/0"),
    (1, {"answers": {"age": 4}}, "/answers/age"),
    (3, {"answers": {"effort": 4}}, "/answers/effort"),
    (1, {"answers": {"why": "long"}}, "/answers/why"),
    (1, {"answers": {"effort": 6}}, "/answers/effort"),
    (1, {"answers": {"effort": True}}, "/answers/effort"),
    (1, {"answers": {"effort": 4.0}}, "/answers/effort"),
    (1, {"answers": {"effort": "4"}}, "/answers/effort"),
    (1, {"answers": {"wish": 4}}, "/answers/wish"),
    (1, {"answers": {"wish": " "}}, "/answers/wish"),
    (1, {"answers": {"wish": "x" * 301}}, "/answers/wish"),
    (1, {"answers": {"call": "x" * 101}}, "/answers/call"),
    (1, {"answers": {"wish": ["a"]}}, "/answers/wish"),
    (1, {"answers": {"wish": None}}, "/answers/wish"),
    (1, {"outcomes": {"age": "shown"}}, "/outcomes/age"),
    (1, {"outcomes": {"why": "seen"}}, "/outcomes/why"),
]


def test_what_the_revision_does_not_ask_is_refused_and_the_first_tap_stands(
    app: Flask, asking_page: Page, subtests: pytest.Subtests
) -> None:
    for number, (score, more, pointer) in enumerate(NOT_ASKED, 1):
        with subtests.test(score=score, **more):
            name = press_id()
            done(asking_page.vote(ARTICLE, score, id=name))
            answer = asking_page.vote(ARTICLE, score, id=name, rev=2, **more)
            told = answer.get_json()
            assert (answer.status_code, told["code"], told["pointer"]) == (422, "invalid", pointer)
            votes = rows(app, "vote")
            kept = votes[-1]
            assert (kept.score, kept.rev, kept.reasons, kept.answers, kept.outcomes) == (score, 1, [], {}, {})
            assert len(votes) == number
            done(asking_page.vote(ARTICLE, score, id=name, rev=2, comment="Well"))


def test_a_survey_that_does_not_go_on_takes_a_score_and_a_comment_alone(
    make: Make, site: MadeSite, article_page: Page
) -> None:
    page = dataclasses.replace(article_page, revision=str(make.survey(site, "article").revision))
    fields: dict[str, Any] = {"reasons": ["long"], "answers": {"effort": 4}, "outcomes": {"why": "shown"}}
    for field, value in fields.items():
        assert page.vote(ARTICLE, 1, **{field: value}).get_json()["pointer"].startswith(f"/{field}/")


def test_a_file_of_the_older_revision_is_judged_by_that(
    api: Api, make: Make, site: MadeSite, asking_page: Page
) -> None:
    """The survey is worded anew without these questions while a page still shows them."""
    survey = done(api.get("/surveys"))["surveys"][-1]
    newer = done(api.post(f"/surveys/{survey['id']}/revisions", {}), 201)["revisions"][-1]
    name = press_id()
    done(asking_page.vote(ARTICLE, 1, id=name, reasons=REASONS, answers=ANSWERS, outcomes=SEEN))
    page = dataclasses.replace(asking_page, revision=newer["id"])
    assert page.vote(ARTICLE, 1, id=name, rev=2, reasons=REASONS).get_json()["pointer"] == "/reasons/0"
    (vote,) = done(api.get("/votes"))["votes"]
    assert [one["word"] for one in vote["reasons"]] == ["Too long", "Hard to understand"]


@ON_BOTH
def test_each_vote_counts_once_in_each_question_whatever_is_repeated_lost_or_late(
    app: Flask, api: Api, asking_page: Page, clock: SetClock
) -> None:
    name = press_id()
    done(asking_page.vote(ARTICLE, 1, id=name))
    assert question_counts(api) == {}
    for _ in range(2):
        done(asking_page.vote(ARTICLE, 1, id=name, rev=2, outcomes={"why": "shown"}))
    assert question_counts(api) == {"why": (1, 1, 0, 0)}
    # Revisions 3 and 4 are lost on their way: the next save tells all that they would have told.
    told = {"answers": {"wish": "x"}, "reasons": REASONS, "outcomes": SEEN}
    done(asking_page.vote(ARTICLE, 1, id=name, rev=5, **told))
    # A late one changes nothing.
    done(asking_page.vote(ARTICLE, 1, id=name, rev=3, outcomes={"why": "skipped"}))
    # Without a value nothing was answered, whatever the page says; with one it was, though only shown by its word.
    assert question_counts(api) == {
        "why": (1, 0, 1, 0),
        "effort": (1, 1, 0, 0),
        "wish": (1, 0, 1, 0),
        "call": (1, 0, 0, 1),
    }
    done(asking_page.vote(ARTICLE, 2, outcomes={"why": "skipped"}))
    assert question_counts(api)["why"] == (2, 0, 1, 1)
    # The happy one is led to a review, where the press is the answer.
    done(asking_page.vote(ARTICLE, 3, id=name, rev=6, outcomes={"review": "answered"}))
    assert question_counts(api) == {"why": (1, 0, 0, 1), "review": (1, 0, 1, 0)}
    assert wrong_counts(app) == []


@ON_BOTH
def test_a_removal_takes_reasons_answers_and_counts_along(app: Flask, api: Api, asking_page: Page) -> None:
    name = press_id()
    done(asking_page.vote(ARTICLE, 1, id=name, reasons=REASONS, answers=ANSWERS, outcomes=SEEN))
    assert len(question_counts(api)) == 4
    done(asking_page.vote(ARTICLE, None, id=name, rev=2, reasons=REASONS, answers=ANSWERS, outcomes=SEEN))
    (vote,) = rows(app, "vote")
    assert (vote.score, vote.reasons, vote.answers, vote.outcomes) == (None, [], {}, {})
    assert [(one.reasons, one.answers) for one in rows(app, "vote_change")] == [([], {}), ([], {})]
    assert (question_counts(api), counts(app)["question_tally"], wrong_counts(app)) == ({}, {}, [])
    (told,) = done(api.get("/votes"))["votes"]
    assert (told["reasons"], told["answers"]) == ([], [])


@ON_BOTH
def test_erasing_clears_what_was_written_and_keeps_what_was_chosen(
    app: Flask, api: Api, site: MadeSite, asking_page: Page, clock: SetClock
) -> None:
    proof = signed(site, int(clock.now().timestamp()) + 900, "ann")
    told: dict[str, Any] = {"id": press_id(), "reasons": REASONS, "answers": ANSWERS, "outcomes": SEEN}
    done(asking_page.vote({**ARTICLE, **proof}, 1, **told))
    done(asking_page.vote({**ARTICLE, **proof}, 1, **told, comment="Call me", rev=2))
    before = question_counts(api)
    done(api.post("/visitors/ann/erase"))
    (vote,) = rows(app, "vote")
    assert (vote.answers, vote.reasons, vote.comment) == ({"effort": 4}, REASONS, None)
    assert [(one.answers, one.comment) for one in rows(app, "vote_change")] == [({}, None)] * 2
    assert (question_counts(api), wrong_counts(app)) == (before, [])


def test_the_export_holds_them_in_words_and_no_formula(app: Flask, api: Api, site: MadeSite, asking_page: Page) -> None:
    done(asking_page.vote(ARTICLE, 1, reasons=REASONS, answers=ANSWERS))
    (vote,) = done(api.get("/votes"))["votes"]
    assert vote["answers"][0] == {
        "question_id": "effort",
        "kind": "scale",
        "question": "How hard was it?",
        "value": 4,
        "word": "4 of 5",
    }
    file = io.StringIO(newline="")
    with app.app_context():
        export_votes(db.session(), site.id, VoteFilter(), file)
    (row,) = csv.DictReader(io.StringIO(file.getvalue(), newline=""))
    assert row["reasons"] == "Too long, Hard to understand"
    told = ["How hard was it? 4 of 5", "What did you look for? the size", "To be contacted: =ann@example.org"]
    assert row["answers"] == "; ".join(told)


def test_the_questions_of_a_survey_of_another_site_are_not_there(make: Make, api: Api) -> None:
    other = make.site(name="Other")
    assert api.get(f"/surveys/{make.survey(other).id}/questions").status_code == 404
