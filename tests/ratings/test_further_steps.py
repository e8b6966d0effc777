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
from ..invitations.signing import signed
from ..make import MadeSite, Make
from ..standing_clock import SetClock
from ..surveys.stepped import STEPPED
from ..widget.conftest import Page, press_id

ARTICLE = {"kind": "article", "subject": "/a"}
REASONS = ["long", "unclear"]
ANSWERS = {"effort": 4, "wish": "the size", "call": "=ann@example.org"}
SEEN = {"why": "answered", "effort": "answered", "wish": "shown", "call": "skipped"}


@pytest.fixture
def stepped(make: Make, site: MadeSite, article_page: Page) -> Page:
    return dataclasses.replace(article_page, revision=str(make.survey(site, "article", **STEPPED).revision))


def step_counts(api: Api) -> dict[str, tuple[int, int, int, int]]:
    """(seen, shown, answered, skipped) by step, of the newest survey."""
    survey = done(api.get("/surveys"))["surveys"][-1]
    found = done(api.get(f"/surveys/{survey['id']}/steps"))["steps"]
    return {one["step"]: (one["seen"], one["shown"], one["answered"], one["skipped"]) for one in found}


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
    (1, {"steps": {"age": "shown"}}, "/steps/age"),
    (1, {"steps": {"why": "seen"}}, "/steps/why"),
]


def test_what_the_revision_does_not_ask_is_refused_and_the_first_tap_stands(
    app: Flask, stepped: Page, subtests: pytest.Subtests
) -> None:
    for number, (score, more, pointer) in enumerate(NOT_ASKED, 1):
        with subtests.test(score=score, **more):
            name = press_id()
            done(stepped.vote(ARTICLE, score, id=name))
            answer = stepped.vote(ARTICLE, score, id=name, rev=2, **more)
            told = answer.get_json()
            assert (answer.status_code, told["code"], told["pointer"]) == (422, "invalid", pointer)
            votes = rows(app, "vote")
            kept = votes[-1]
            assert (kept.score, kept.rev, kept.reasons, kept.answers, kept.steps) == (score, 1, [], {}, {})
            assert len(votes) == number
            done(stepped.vote(ARTICLE, score, id=name, rev=2, comment="Well"))


def test_a_survey_that_does_not_go_on_takes_a_score_and_a_comment_alone(
    make: Make, site: MadeSite, article_page: Page
) -> None:
    page = dataclasses.replace(article_page, revision=str(make.survey(site, "article").revision))
    fields: dict[str, Any] = {"reasons": ["long"], "answers": {"effort": 4}, "steps": {"why": "shown"}}
    for field, value in fields.items():
        assert page.vote(ARTICLE, 1, **{field: value}).get_json()["pointer"].startswith(f"/{field}/")


def test_a_file_of_the_older_revision_is_judged_by_that(api: Api, make: Make, site: MadeSite, stepped: Page) -> None:
    """The survey is worded anew without these steps while a page still shows them."""
    survey = done(api.get("/surveys"))["surveys"][-1]
    newer = done(api.post(f"/surveys/{survey['id']}/revisions", {}), 201)["revisions"][-1]
    name = press_id()
    done(stepped.vote(ARTICLE, 1, id=name, reasons=REASONS, answers=ANSWERS, steps=SEEN))
    page = dataclasses.replace(stepped, revision=newer["id"])
    assert page.vote(ARTICLE, 1, id=name, rev=2, reasons=REASONS).get_json()["pointer"] == "/reasons/0"
    (vote,) = done(api.get("/votes"))["votes"]
    assert [one["word"] for one in vote["reasons"]] == ["Too long", "Hard to understand"]


@ON_BOTH
def test_each_vote_counts_once_in_each_step_whatever_is_repeated_lost_or_late(
    app: Flask, api: Api, stepped: Page, clock: SetClock
) -> None:
    name = press_id()
    done(stepped.vote(ARTICLE, 1, id=name))
    assert step_counts(api) == {}
    for _ in range(2):
        done(stepped.vote(ARTICLE, 1, id=name, rev=2, steps={"why": "shown"}))
    assert step_counts(api) == {"why": (1, 1, 0, 0)}
    # Revisions 3 and 4 are lost on their way: the next save tells all that they would have told.
    told = {"answers": {"wish": "x"}, "reasons": REASONS, "steps": SEEN}
    done(stepped.vote(ARTICLE, 1, id=name, rev=5, **told))
    # A late one changes nothing.
    done(stepped.vote(ARTICLE, 1, id=name, rev=3, steps={"why": "skipped"}))
    # Without a value nothing was answered, whatever the page says; with one it was, though only shown by its word.
    assert step_counts(api) == {"why": (1, 0, 1, 0), "effort": (1, 1, 0, 0), "wish": (1, 0, 1, 0), "call": (1, 0, 0, 1)}
    done(stepped.vote(ARTICLE, 2, steps={"why": "skipped"}))
    assert step_counts(api)["why"] == (2, 0, 1, 1)
    # The happy one is led to a review, where the press is the answer.
    done(stepped.vote(ARTICLE, 3, id=name, rev=6, steps={"review": "answered"}))
    assert step_counts(api) == {"why": (1, 0, 0, 1), "review": (1, 0, 1, 0)}
    assert wrong_counts(app) == []


@ON_BOTH
def test_a_removal_takes_reasons_answers_and_counts_along(app: Flask, api: Api, stepped: Page) -> None:
    name = press_id()
    done(stepped.vote(ARTICLE, 1, id=name, reasons=REASONS, answers=ANSWERS, steps=SEEN))
    assert len(step_counts(api)) == 4
    done(stepped.vote(ARTICLE, None, id=name, rev=2, reasons=REASONS, answers=ANSWERS, steps=SEEN))
    (vote,) = rows(app, "vote")
    assert (vote.score, vote.reasons, vote.answers, vote.steps) == (None, [], {}, {})
    assert [(one.reasons, one.answers) for one in rows(app, "vote_change")] == [([], {}), ([], {})]
    assert (step_counts(api), counts(app)["step_tally"], wrong_counts(app)) == ({}, {}, [])
    (told,) = done(api.get("/votes"))["votes"]
    assert (told["reasons"], told["answers"]) == ([], [])


@ON_BOTH
def test_erasing_clears_what_was_written_and_keeps_what_was_chosen(
    app: Flask, api: Api, site: MadeSite, stepped: Page, clock: SetClock
) -> None:
    proof = signed(site, int(clock.now().timestamp()) + 900, "ann")
    told: dict[str, Any] = {"id": press_id(), "reasons": REASONS, "answers": ANSWERS, "steps": SEEN}
    done(stepped.vote({**ARTICLE, **proof}, 1, **told))
    done(stepped.vote({**ARTICLE, **proof}, 1, **told, comment="Call me", rev=2))
    before = step_counts(api)
    done(api.post("/visitors/ann/erase"))
    (vote,) = rows(app, "vote")
    assert (vote.answers, vote.reasons, vote.comment) == ({"effort": 4}, REASONS, None)
    assert [(one.answers, one.comment) for one in rows(app, "vote_change")] == [({}, None)] * 2
    assert (step_counts(api), wrong_counts(app)) == (before, [])


def test_the_export_holds_them_in_words_and_no_formula(app: Flask, api: Api, site: MadeSite, stepped: Page) -> None:
    done(stepped.vote(ARTICLE, 1, reasons=REASONS, answers=ANSWERS))
    (vote,) = done(api.get("/votes"))["votes"]
    assert vote["answers"][0] == {
        "step": "effort",
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


def test_the_step_of_a_survey_of_another_site_is_not_there(make: Make, api: Api) -> None:
    other = make.site(name="Other")
    assert api.get(f"/surveys/{make.survey(other).id}/steps").status_code == 404
