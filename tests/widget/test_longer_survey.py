"""The survey page behind a link saves each answer under the vote that it follows, and under no other."""

from __future__ import annotations

import csv
import dataclasses
import html
import io
import logging
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from widget_server import create_app
from widget_server.core.config import Config
from widget_server.inbox.vote_filter import VoteFilter
from widget_server.ratings.statements import SUBMISSION_COLUMNS
from widget_server.reports.exports import export_votes
from widget_server.storage.db import db

from ..back_end import Api
from ..conversations.rows import rows, wrong_counts
from ..conversations.talk import done
from ..databases import ON_BOTH
from ..factories import MadeSite, Make
from ..frozen_clock import SetClock
from ..invitations.signing import signed
from ..surveys.longer import LONGER
from .conftest import Page, press_id

ARTICLE = {"kind": "article", "subject": "/a"}


@pytest.fixture
def longer(make: Make, site: MadeSite, article_page: Page) -> Page:
    return dataclasses.replace(article_page, revision=str(make.survey(site, "article", **LONGER).revision))


def link_of(receipt: dict[str, Any]) -> str:
    return urlsplit(receipt["survey"]).path


def answer(client: FlaskClient, link: str, question: str, value: Any, move: str = "next") -> str:
    """Submit a question's form as the page shows it, and return the address of the redirect."""
    page = client.get(link).text
    at = next(at for at in range(4) if f'value="{question}"' in client.get(f"{link}?at={at}").text)
    kind = re.search(r'name="kind" value="(\w+)"', client.get(f"{link}?at={at}").text)
    assert kind and page
    form = {"question": question, "kind": kind[1], "at": at, "move": move, "value": value}
    reply = client.post(link, data=form)
    assert reply.status_code == 303
    return reply.headers["Location"]


def outcome(api: Api) -> dict[str, tuple[int, int, int]]:
    survey = done(api.get("/surveys"))["surveys"][-1]
    counts = done(api.get(f"/surveys/{survey['id']}/questions"))["questions"]
    return {one["question"]: (one["shown"], one["answered"], one["skipped"]) for one in counts}


@ON_BOTH
def test_each_question_is_saved_under_the_vote_and_counted_once(
    app: Flask, api: Api, client: FlaskClient, site: MadeSite, longer: Page
) -> None:
    name = press_id()
    receipt = done(longer.vote(ARTICLE, 1, id=name, comment="Hm"))
    link = link_of(receipt)
    assert "Will you come back?" in client.get(link).text
    for _ in range(2):
        answer(client, link, "kept", "no")
    assert "What was missing?" in client.get(link).text
    answer(client, link, "missed", ["size", "photo"])
    answer(client, link, "ease", "", "skip")
    # The visitor goes back and changes the answer.
    assert answer(client, link, "ease", "", "back").endswith("?at=1")
    answer(client, link, "kept", "yes")
    assert client.get(link).text.count("Anything else?") == 2
    (vote,) = rows(app, "vote")
    assert (vote.score, vote.comment, vote.rev) == (1, "Hm", 1)
    assert vote.answers == {"kept": "yes", "missed": ["size", "photo"]}
    # The saves of one minute with one score share an entry of the history.
    assert (vote.version, len(rows(app, "vote_change"))) == (5, 2)
    assert outcome(api) == {"kept": (0, 1, 0), "missed": (0, 1, 0), "ease": (0, 0, 1), "else": (1, 0, 0)}
    assert len([event for event in rows(app, "event") if event.kind == "vote.changed"]) == 4
    assert wrong_counts(app) == []
    (listed_vote,) = done(api.get("/votes"))["votes"]
    assert [one["word"] for one in listed_vote["answers"]] == ["Yes, I will", "Sizes, Photos"]
    file = io.StringIO(newline="")
    with app.app_context():
        export_votes(db.session(), site.id, VoteFilter(), file)
    (row,) = csv.DictReader(io.StringIO(file.getvalue(), newline=""))
    assert row["answers"] == "Will you come back? Yes, I will; What was missing? Sizes, Photos"


def test_saving_on_the_page_keeps_every_other_stored_field(app: Flask, client: FlaskClient, longer: Page) -> None:
    link = link_of(done(longer.vote(ARTICLE, 1, comment="Hm", page="/help", lang="en")))
    before = rows(app, "vote")[0]._asdict()
    assert [name for name in SUBMISSION_COLUMNS if before[name] is None] == [], "give this vote a value for each"

    answer(client, link, "kept", "no")

    after = rows(app, "vote")[0]._asdict()
    assert {name for name in SUBMISSION_COLUMNS if after[name] != before[name]} == {
        "answers",
        "outcomes",
        "version",
        "changed_at",
        "updated_at",
    }


@ON_BOTH
def test_the_widgets_next_submission_keeps_the_answers_of_the_page(
    app: Flask, client: FlaskClient, longer: Page, clock: SetClock
) -> None:
    """Keep them although the widget does not know them and sends its own fields as the full answer."""
    name = press_id()
    link = link_of(done(longer.vote(ARTICLE, 1, id=name)))
    answer(client, link, "kept", "no")
    again = done(longer.vote(ARTICLE, 1, id=name))
    assert (again["status"], link_of(again).split("/")[:3]) == ("saved", link.split("/")[:3])
    done(longer.vote(ARTICLE, 1, id=name, rev=2, comment="Well", outcomes={"more": "answered"}))
    (vote,) = rows(app, "vote")
    assert (vote.answers, vote.comment, vote.outcomes["more"]) == ({"kept": "no"}, "Well", "answered")
    # Another score clears the answers, because what was said of a bad one does not belong to a good one.
    good = done(longer.vote(ARTICLE, 3, id=name, rev=3))
    assert "survey" not in good
    assert rows(app, "vote")[0].answers == {}
    assert (
        "refused" in client.post(link, data={"question": "kept", "value": "no", "kind": "choice"}).headers["Location"]
    )
    assert rows(app, "vote")[0].answers == {}


@ON_BOTH
def test_a_removed_or_erased_vote_accepts_no_more_answers(
    app: Flask, api: Api, client: FlaskClient, site: MadeSite, longer: Page, clock: SetClock
) -> None:
    form = {"question": "else", "kind": "text", "at": "3", "value": "I am Ann"}
    name = press_id()
    link = link_of(done(longer.vote(ARTICLE, 1, id=name)))
    client.post(link, data=form)
    done(longer.vote(ARTICLE, None, id=name, rev=2))
    assert (client.get(link).status_code, "Your answer has been removed." in client.get(link).text) == (409, True)
    client.post(link, data=form)
    assert rows(app, "vote")[0].answers == {}

    proof = signed(site, int(clock.now().timestamp()) + 900, "ann")
    link = link_of(done(longer.vote({**ARTICLE, **proof}, 1)))
    client.post(link, data=form)
    assert {"else": "I am Ann"} in [vote.answers for vote in rows(app, "vote")]
    done(api.post("/visitors/ann/erase"))
    assert client.get(link).status_code == 409
    client.post(link, data=form)
    assert [vote.answers for vote in rows(app, "vote")] == [{}, {}]


def test_the_link_opens_one_vote_for_two_days_and_says_nothing_of_its_client(
    app: Flask, client: FlaskClient, longer: Page, clock: SetClock
) -> None:
    name = press_id()
    link = link_of(done(longer.vote(ARTICLE, 1, id=name)))
    other = link_of(done(longer.vote(ARTICLE, 1, id=press_id())))
    assert name not in link
    before = [vote._asdict() for vote in rows(app, "vote")]
    page = client.get(link)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert "script" not in page.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in page.headers and name not in page.text
    assert [vote._asdict() for vote in rows(app, "vote")] == before
    for wrong in (link[:-1] + ("A" if link[-1] != "A" else "Q"), link[:-22] + other[-22:], link[:-40], link + "x"):
        assert client.get(wrong).status_code == 403
        client.post(wrong, data={"question": "kept", "kind": "choice", "value": "no"})
    assert [vote._asdict() for vote in rows(app, "vote")] == before
    clock.forward(hours=48, seconds=2)
    assert (client.get(link).status_code, "has expired" in client.get(link).text) == (409, True)


def test_a_forged_link_gets_an_error_in_the_sites_language(
    app: Flask, api: Api, client: FlaskClient, longer: Page
) -> None:
    link = link_of(done(longer.vote(ARTICLE, 1)))
    done(api.patch("/site", {"languages": ["da", "ar"]}))
    form = {"question": "kept", "kind": "choice", "at": "0", "value": "no"}
    forged = link[:-22] + "A" * 22
    for more, expected in (
        ({}, 'lang="da" dir="ltr"'),
        ({"lang": "ar"}, 'lang="ar" dir="rtl"'),
        ({"lang": "<"}, 'lang="da"'),
    ):
        refused = client.post(forged, data={**form, **more})
        assert (refused.status_code, expected in refused.text) == (403, True)
        assert "no longer valid" not in refused.text
    assert rows(app, "vote")[0].answers == {}


def test_a_rate_limit_returns_the_form_to_send_it_again(
    app: Flask, config: Config, client: FlaskClient, longer: Page
) -> None:
    link = link_of(done(longer.vote(ARTICLE, 1)))
    strict = create_app(dataclasses.replace(config, votes_per_source_per_minute=1))
    here = strict.test_client()
    form = {
        "question": "else",
        "kind": "text",
        "at": "3",
        "lang": "en",
        "value": 'More "colours",\r\n<please>',
        "move": "next",
    }
    assert here.post(link, data={**form, "value": "Before"}).status_code == 303
    response = here.post(link, data=form)
    strict.extensions["tilfreds_engines"].dispose()
    assert (response.status_code, "Please try again in a minute." in response.text) == (429, True)
    assert 0 < int(response.headers["Retry-After"]) <= 60
    form_fields = {
        name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', response.text)
    }
    assert {name: value.splitlines() for name, value in form_fields.items()} == {
        name: value.splitlines() for name, value in form.items()
    }
    assert client.post(link, data=form_fields).headers["Location"].endswith("?at=4")
    assert rows(app, "vote")[0].answers == {"else": 'More "colours",\n<please>'}


def test_the_log_has_no_link(client: FlaskClient, longer: Page, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    link = link_of(done(longer.vote(ARTICLE, 1)))
    client.get(link)
    client.post(link, data={"question": "else", "kind": "text", "at": "3", "value": "I am Ann"})
    client.post(link + "x", data={"question": "else", "kind": "text", "at": "3", "value": "I am Ann"})
    assert caplog.text.count("/survey/<key>/<token>") == 3
    assert link.rsplit("/", 1)[1] not in caplog.text and "I am Ann" not in caplog.text


WRONG = [
    ("kept", "choice", "maybe"),
    ("missed", "several", ["photo", "size"]),
    ("ease", "scale", "6"),
    ("ease", "scale", "x"),
    ("else", "text", "x" * 301),
    ("more", "choice", "yes"),
    ("none", "text", "x"),
]


def test_answers_that_the_page_does_not_ask_for_are_rejected(app: Flask, client: FlaskClient, longer: Page) -> None:
    link = link_of(done(longer.vote(ARTICLE, 1)))
    for question, kind, value in WRONG:
        where = client.post(link, data={"question": question, "kind": kind, "at": 0, "value": value}).headers[
            "Location"
        ]
        assert "could not be saved" in client.get(where).text, question
    assert rows(app, "vote")[0].answers == {}


def test_a_text_is_saved_without_the_characters_that_cannot_be_stored(
    app: Flask, client: FlaskClient, longer: Page
) -> None:
    answer(client, link_of(done(longer.vote(ARTICLE, 1))), "else", "a\0b")
    assert rows(app, "vote")[0].answers == {"else": "ab"}


def test_the_page_has_the_language_of_the_card(api: Api, client: FlaskClient, longer: Page, site: MadeSite) -> None:
    page = client.get(link_of(done(longer.vote(ARTICLE, 1, lang="ar")))).text
    assert 'lang="ar" dir="rtl"' in page and "هل ستعود؟" in page
    page = client.get(link_of(done(longer.vote(ARTICLE, 1, lang="xx")))).text
    assert 'lang="en" dir="ltr"' in page and "Will you come back?" in page


@pytest.mark.parametrize(
    ("questions", "pointer"),
    [
        ([{"id": "a", "kind": "survey"}], "/questions/0"),
        ([{"id": "a", "kind": "text", "page": True}], "/questions/0/page"),
        ([{"id": "a", "kind": "comment", "page": True}], "/questions/0/page"),
        ([{"id": "a", "kind": "several", "choices": ["b", "c"]}], "/questions/0/page"),
        ([{"id": f"q{at}", "kind": "text", "page": True} for at in range(11)], "/questions/10"),
    ],
)
def test_a_survey_page_without_questions_or_with_too_many_is_rejected(api: Api, questions: Any, pointer: str) -> None:
    refused = api.post("/surveys", {"name": "x", "placement": "article", "questions": questions})
    assert (refused.status_code, refused.get_json()["pointer"]) == (422, pointer)
