"""Reasons and answers to follow-up questions: only those that the revision asks are stored and counted."""

from __future__ import annotations

import csv
import dataclasses
import io
from typing import Any

import pytest
from flask import Flask

from widget_server.inbox.vote_filter import VoteFilter
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
OUTCOMES = {"why": "answered", "effort": "answered", "wish": "shown", "call": "skipped"}


@pytest.fixture
def asking_page(make: Make, site: MadeSite, article_page: Page) -> Page:
    return dataclasses.replace(article_page, revision=str(make.survey(site, "article", **SAMPLE_QUESTIONS).revision))


def count_questions(api: Api) -> dict[str, tuple[int, int, int, int]]:
    """Return (seen, shown, answered, skipped) of each question of the newest survey."""
    survey = done(api.get("/surveys"))["surveys"][-1]
    counts = done(api.get(f"/surveys/{survey['id']}/questions"))["questions"]
    return {count["question"]: (count["seen"], count["shown"], count["answered"], count["skipped"]) for count in counts}


#: (score, other fields of the submission, pointer to the refused field)
REFUSED_FIELDS: list[tuple[int, dict[str, Any], str]] = [
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


def test_answers_that_the_revision_does_not_ask_for_are_refused_and_the_first_tap_is_kept(
    app: Flask, asking_page: Page, subtests: pytest.Subtests
) -> None:
    for number, (score, more, pointer) in enumerate(REFUSED_FIELDS, 1):
        with subtests.test(score=score, **more):
            name = press_id()
            done(asking_page.vote(ARTICLE, score, id=name))
            response = asking_page.vote(ARTICLE, score, id=name, rev=2, **more)
            problem = response.get_json()
            assert (response.status_code, problem["code"], problem["pointer"]) == (422, "invalid", pointer)
            votes = rows(app, "vote")
            vote = votes[-1]
            assert (vote.score, vote.rev, vote.reasons, vote.answers, vote.outcomes) == (score, 1, [], {}, {})
            assert len(votes) == number
            done(asking_page.vote(ARTICLE, score, id=name, rev=2, comment="Well"))


def test_a_survey_without_follow_up_questions_accepts_only_score_and_comment(
    make: Make, site: MadeSite, article_page: Page
) -> None:
    page = dataclasses.replace(article_page, revision=str(make.survey(site, "article").revision))
    fields: dict[str, Any] = {"reasons": ["long"], "answers": {"effort": 4}, "outcomes": {"why": "shown"}}
    for field, value in fields.items():
        assert page.vote(ARTICLE, 1, **{field: value}).get_json()["pointer"].startswith(f"/{field}/")


def test_a_submission_is_validated_by_the_revision_that_was_shown(
    api: Api, make: Make, site: MadeSite, asking_page: Page
) -> None:
    """A new revision without these questions is published while a page still shows the older one."""
    survey = done(api.get("/surveys"))["surveys"][-1]
    newer = done(api.post(f"/surveys/{survey['id']}/revisions", {}), 201)["revisions"][-1]
    name = press_id()
    done(asking_page.vote(ARTICLE, 1, id=name, reasons=REASONS, answers=ANSWERS, outcomes=OUTCOMES))
    page = dataclasses.replace(asking_page, revision=newer["id"])
    assert page.vote(ARTICLE, 1, id=name, rev=2, reasons=REASONS).get_json()["pointer"] == "/reasons/0"
    (vote,) = done(api.get("/votes"))["votes"]
    assert [reason["word"] for reason in vote["reasons"]] == ["Too long", "Hard to understand"]


@ON_BOTH
def test_each_vote_counts_once_per_question_when_submissions_repeat_or_are_lost_or_late(
    app: Flask, api: Api, asking_page: Page, clock: SetClock
) -> None:
    name = press_id()
    done(asking_page.vote(ARTICLE, 1, id=name))
    assert count_questions(api) == {}
    for _ in range(2):
        done(asking_page.vote(ARTICLE, 1, id=name, rev=2, outcomes={"why": "shown"}))
    assert count_questions(api) == {"why": (1, 1, 0, 0)}
    # Submissions 3 and 4 are lost; the next one repeats everything that they held.
    answers = {"answers": {"wish": "x"}, "reasons": REASONS, "outcomes": OUTCOMES}
    done(asking_page.vote(ARTICLE, 1, id=name, rev=5, **answers))
    # A late submission changes nothing.
    done(asking_page.vote(ARTICLE, 1, id=name, rev=3, outcomes={"why": "skipped"}))
    # The value decides, not the outcome that the page sends: "effort" has none, so it was only shown; "wish" has one.
    assert count_questions(api) == {
        "why": (1, 0, 1, 0),
        "effort": (1, 1, 0, 0),
        "wish": (1, 0, 1, 0),
        "call": (1, 0, 0, 1),
    }
    done(asking_page.vote(ARTICLE, 2, outcomes={"why": "skipped"}))
    assert count_questions(api)["why"] == (2, 0, 1, 1)
    # After a positive score the question is a review link, whose press is the answer.
    done(asking_page.vote(ARTICLE, 3, id=name, rev=6, outcomes={"review": "answered"}))
    assert count_questions(api) == {"why": (1, 0, 0, 1), "review": (1, 0, 1, 0)}
    assert wrong_counts(app) == []


@ON_BOTH
def test_a_removal_clears_reasons_answers_and_counts(app: Flask, api: Api, asking_page: Page) -> None:
    name = press_id()
    done(asking_page.vote(ARTICLE, 1, id=name, reasons=REASONS, answers=ANSWERS, outcomes=OUTCOMES))
    assert len(count_questions(api)) == 4
    done(asking_page.vote(ARTICLE, None, id=name, rev=2, reasons=REASONS, answers=ANSWERS, outcomes=OUTCOMES))
    (vote,) = rows(app, "vote")
    assert (vote.score, vote.reasons, vote.answers, vote.outcomes) == (None, [], {}, {})
    assert [(change.reasons, change.answers) for change in rows(app, "vote_change")] == [([], {}), ([], {})]
    assert (count_questions(api), counts(app)["question_tally"], wrong_counts(app)) == ({}, {}, [])
    (listed_vote,) = done(api.get("/votes"))["votes"]
    assert (listed_vote["reasons"], listed_vote["answers"]) == ([], [])


@ON_BOTH
def test_erasure_clears_written_answers_and_keeps_chosen_ones(
    app: Flask, api: Api, site: MadeSite, asking_page: Page, clock: SetClock
) -> None:
    signature = signed(site, int(clock.now().timestamp()) + 900, "ann")
    fields: dict[str, Any] = {"id": press_id(), "reasons": REASONS, "answers": ANSWERS, "outcomes": OUTCOMES}
    done(asking_page.vote({**ARTICLE, **signature}, 1, **fields))
    done(asking_page.vote({**ARTICLE, **signature}, 1, **fields, comment="Call me", rev=2))
    before = count_questions(api)
    done(api.post("/visitors/ann/erase"))
    (vote,) = rows(app, "vote")
    assert (vote.answers, vote.reasons, vote.comment) == ({"effort": 4}, REASONS, None)
    assert [(change.answers, change.comment) for change in rows(app, "vote_change")] == [({}, None)] * 2
    assert (count_questions(api), wrong_counts(app)) == (before, [])


def test_the_export_holds_reasons_and_answers_in_words_and_no_formula(
    app: Flask, api: Api, site: MadeSite, asking_page: Page
) -> None:
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
    lines = ["How hard was it? 4 of 5", "What did you look for? the size", "To be contacted: =ann@example.org"]
    assert row["answers"] == "; ".join(lines)


def test_the_questions_of_another_sites_survey_are_not_found(make: Make, api: Api) -> None:
    other_site = make.site(name="Other")
    assert api.get(f"/surveys/{make.survey(other_site).id}/questions").status_code == 404
