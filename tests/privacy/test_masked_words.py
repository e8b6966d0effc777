"""Words of visitors are masked before they are stored, on every way into the database, and the masks are counted."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ..back_end import Api
from ..conversations.rows import rows, wrong_counts
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..factories import MadeSite, Make
from ..ratings.test_erasure import files_with_canary
from ..surveys.sample_questions import SAMPLE_QUESTIONS
from ..widget.conftest import Page, press_id
from ..widget.test_longer_survey import answer, link_of, longer

__all__ = ["longer"]

CARD, EMAIL, PHONE = "4111 1111 1111 1111", "ann@example.org", "+45 12 34 56 78"
WORDS = f"Card {CARD}, {EMAIL}, {PHONE}"
CARD_MASKED = f"Card •••• •••• •••• ••••, {EMAIL}, {PHONE}"
ALL_MASKED = "Card •••• •••• •••• ••••, •••@•••••••.•••, +•• •• •• •• ••"
ARTICLE = {"kind": "article", "subject": "/a"}
ANSWERS = {"wish": WORDS, "call": f"{PHONE} {EMAIL}"}


@pytest.fixture
def asking_page(make: Make, site: MadeSite, article_page: Page) -> Page:
    return dataclasses.replace(article_page, revision=str(make.survey(site, "article", **SAMPLE_QUESTIONS).revision))


def mask(api: Api, *kinds: str) -> None:
    done(api.patch("/site", {"redaction": kinds}))


def masks(app: Flask) -> dict[str, int]:
    return {row.kind: row.n for row in rows(app, "redaction_tally")}


@ON_BOTH
def test_card_numbers_are_masked_by_default(app: Flask, api: Api, asking_page: Page, config: Any) -> None:
    assert done(api.get("/site"))["redaction"] == ["card"]
    id = press_id()
    done(asking_page.vote(ARTICLE, 1, id=id, comment=WORDS, answers=ANSWERS))
    done(asking_page.vote(ARTICLE, 1, id=id, rev=2, comment=f"{WORDS}!", answers=ANSWERS))
    (vote,) = rows(app, "vote")
    assert (vote.comment, vote.answers) == (f"{CARD_MASKED}!", {**ANSWERS, "wish": CARD_MASKED})
    assert CARD not in str([rows(app, name) for name in ("vote", "vote_change", "event")])
    assert masks(app) == {"card": 3}, "the unchanged answer of the second save counts once"
    assert files_with_canary(config, CARD) == []
    assert wrong_counts(app) == []


def test_what_a_site_masks_is_its_choice(app: Flask, api: Api, asking_page: Page) -> None:
    mask(api, "phone", "email", "card")
    assert done(api.get("/site"))["redaction"] == ["card", "email", "phone"]
    done(asking_page.vote(ARTICLE, 1, comment=WORDS, answers=ANSWERS))
    mask(api)
    done(asking_page.vote({**ARTICLE, "subject": "/b"}, 1, comment=WORDS))
    first, second = rows(app, "vote")
    assert (first.comment, first.answers) == (ALL_MASKED, {"wish": ALL_MASKED, "call": ANSWERS["call"]})
    assert (second.comment, masks(app)) == (WORDS, {"card": 2, "email": 2, "phone": 2})
    refused = api.patch("/site", {"redaction": ["name"]})
    assert (refused.status_code, refused.get_json()["pointer"]) == (422, "/redaction/0")


def test_a_repeated_save_is_recognized_whatever_the_site_masks_now(api: Api, asking_page: Page) -> None:
    """A page sends its words again, unmasked, until it has the receipt; the owner may change the setting meanwhile."""
    id = press_id()
    for kinds in ((), ("card",), ("card", "email", "phone"), ()):
        mask(api, *kinds)
        receipt = done(asking_page.vote(ARTICLE, 1, id=id, comment=WORDS, answers=ANSWERS))
        assert (receipt["rev"], receipt["status"]) == (1, "saved")
    different = asking_page.vote(ARTICLE, 1, id=id, comment=f"Other {WORDS}", answers=ANSWERS)
    assert different.get_json()["code"] == "conflict"
    other_contact = asking_page.vote(ARTICLE, 1, id=id, comment=WORDS, answers={**ANSWERS, "call": "+45 87654321"})
    assert other_contact.get_json()["code"] == "conflict"


def test_the_survey_page_masks_its_texts(app: Flask, client: FlaskClient, longer: Page) -> None:
    """Answer the question of the kind `text`; the masked comment of the vote is not counted again."""
    link = link_of(done(longer.vote(ARTICLE, 1, comment=WORDS)))
    for _ in range(2):
        answer(client, link, "else", WORDS)
    (vote,) = rows(app, "vote")
    assert (vote.comment, vote.answers) == (CARD_MASKED, {"else": CARD_MASKED})
    assert masks(app) == {"card": 2}


def test_a_removal_counts_no_masks(app: Flask, asking_page: Page) -> None:
    done(asking_page.vote(ARTICLE, None, comment=WORDS))
    assert masks(app) == {}


def test_imported_comments_are_masked(app: Flask, api: Api) -> None:
    rating = {"scale": "five", "score": 4, "comment": WORDS, "rated_at": "2019-05-06T12:00:00Z"}
    message = {"external_id": "m1", "author": "visitor", "text": "Hi", "sent_at": "2019-05-06T10:00:00Z"}
    end = {"ended_at": "2019-05-06T11:00:00Z", "rating": rating}
    chat = {"external_id": "c1", "messages": [message], "ends": [end]}
    done(api.post("/import", {"conversations": [chat]}))
    assert [(row.comment, masks(app)) for row in rows(app, "vote")] == [(CARD_MASKED, {"card": 1})]


def test_a_transcript_keeps_the_text_of_its_chat(app: Flask, api: Api, page: Page) -> None:
    talk = Talk(api, page).chat()
    talk.say("visitor", WORDS)
    assert [row.text for row in rows(app, "message")][-1] == WORDS
