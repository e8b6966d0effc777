"""Erase the words and the picture of one vote: the score stays, and no later save brings them back."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from widget_server.core.config import Config
from widget_server.privacy.erasure_ledger import ERASED_FILE, apply_erasures
from widget_server.storage.db import db

from ..back_end import Api
from ..conversations.rows import counts, rows, wrong_counts
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..frozen_clock import SetClock
from ..widget.conftest import Page, press_id
from ..widget.pictures import picture
from ..widget.showing import Answer, Answers, answers
from .test_erasure import CANARY, files_with_canary, tables_with_canary

__all__ = ["answers"]
COMMENT = f"Call 555-0199, {CANARY}"


@pytest.fixture
def answer(answers: Answers) -> Answer:
    """Return an anonymous answer about an article, saved twice with words, and with a picture."""
    saved = answers("/a")
    for rev in (2, 3):
        done(saved.page.vote({"kind": "article", "subject": "/a"}, 1, id=saved.id, rev=rev, comment=COMMENT))
    assert saved.show(picture()).status_code == 200
    return saved


def erase_words(api: Api, vote: str, **fields: Any) -> Any:
    return done(api.post(f"/votes/{vote}/erase", fields))


@ON_BOTH
def test_the_score_stays_and_the_words_are_gone(
    app: Flask, api: Api, auditor: Api, config: Config, answer: Answer, clock: SetClock
) -> None:
    before = counts(app)
    assert "vote" in tables_with_canary(app)
    vote = erase_words(api, answer.vote, by="Ruth")
    assert (vote["answer"]["score"], vote["comment"], vote["screenshot"]) == (1, None, None)
    assert vote["erased_at"] == "2026-03-03T10:00:00Z"
    assert (counts(app), wrong_counts(app)) == (before, [])
    assert (tables_with_canary(app), files_with_canary(config), rows(app, "screenshot")) == ([], [], [])
    assert CANARY not in api.get(f"/votes/{answer.vote}").get_data(as_text=True)
    (entry,) = done(auditor.get("/audit?group=vote"))["entries"]
    assert (entry["action"], entry["detail"]["by"], entry["target"]) == ("vote.erased", "Ruth", f"vote {answer.vote}")
    clock.forward(minutes=1)
    assert erase_words(api, answer.vote) == vote, "a second call has no effect"
    assert len(done(auditor.get("/audit?group=vote"))["entries"]) == 1


def test_no_later_save_brings_the_words_back(app: Flask, api: Api, answer: Answer, clock: SetClock) -> None:
    clock.forward(minutes=1)
    erase_words(api, answer.vote)
    clock.forward(minutes=1)
    subject = {"kind": "article", "subject": "/a"}
    for score in (1, 3, None):
        response = answer.page.vote(subject, score, id=answer.id, rev=4, comment=COMMENT)
        assert (response.status_code, response.get_json()["code"]) == (409, "erased")
    assert answer.show(picture()).get_json()["code"] == "erased"
    late = answer.page.vote(subject, 3, id=answer.id, rev=4, comment=COMMENT, age_ms=119_000)
    assert (done(late)["score"], done(late)["comment"]) == (3, False)
    assert (tables_with_canary(app), wrong_counts(app)) == ([], [])


def test_the_rest_of_the_conversation_stays(api: Api, page: Page, clock: SetClock) -> None:
    talk = Talk(api, page, visitor="ann").chat()
    vote = talk.vote(talk.ask(), 1, id=press_id(), comment=COMMENT)["vote"]
    done(api.post(f"/votes/{vote}/exclude", {"reason": "a phone number"}))
    erase_words(api, vote)
    (segment,) = talk.segments()
    assert [message["text"] for message in segment["messages"]] == ["Hello", "Hello"]
    assert (segment["rating"]["comment"], segment["rating"]["excluded"]["reason"]) == (None, "a phone number")
    assert done(api.get(f"/votes/{vote}"))["visitor"] == "ann"


def test_a_restored_backup_repeats_it(app: Flask, api: Api, config: Config, answer: Answer) -> None:
    """Write the words back, as an older backup would, and apply the ledger."""
    erase_words(api, answer.vote)
    with app.app_context():
        table = db.metadatas[None].tables["vote"]
        db.session.execute(table.update().values(comment=COMMENT, erased_at=None))
        db.session.commit()
        assert apply_erasures(config.data_dir / ERASED_FILE) == 1
        assert apply_erasures(config.data_dir / ERASED_FILE) == 0
        db.session.commit()
    assert tables_with_canary(app) == []


def test_an_unknown_vote_is_not_found(api: Api) -> None:
    assert api.post("/votes/018f0000-0000-7000-8000-000000000000/erase").status_code == 404
