"""Invalid input gets a clear problem document, changes nothing, and a valid call still works after it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from ..back_end import Api
from ..conversations.rows import rows, wrong_counts
from ..conversations.talk import Talk, done
from ..databases import ON_POSTGRESQL
from ..factories import MadeSite, Make
from ..frozen_clock import SetClock
from ..invitations.signing import signed
from .conftest import Page, press_id
from .unlimited import config

__all__ = ["config"]
TEXTS = sorted((Path(__file__).parents[2] / "static" / "texts").glob("*.json"))
ARTICLE = {"kind": "article", "subject": "/a"}
TABLES = ("vote", "vote_change", "conversation", "segment", "message", "invitation", "event", "subject", "visitor")


@dataclasses.dataclass
class Stage:
    """A page with one open survey and one answered survey."""

    app: Flask
    make: Make
    site: MadeSite
    api: Api
    clock: SetClock
    page: Page
    reader: Page
    talk: Talk
    token: str

    def everything(self) -> dict[str, Any]:
        return {name: rows(self.app, name) for name in TABLES}


@pytest.fixture
def stage(app: Flask, make: Make, site: MadeSite, api: Api, clock: SetClock, page: Page, article_page: Page) -> Stage:
    answered = Talk(api, page).chat()
    answered.vote(answered.ask(), 1, comment="Slow")
    talk = Talk(api, page).chat()
    return Stage(app, make, site, api, clock, talk.page, article_page, talk, talk.ask())


def unknown_key(s: Stage) -> Any:
    return dataclasses.replace(s.page, key="nosuchkey").vote(s.token)


def foreign_origin(s: Stage) -> Any:
    return dataclasses.replace(s.page, origin="https://evil.example").vote(s.token)


def foreign_token(s: Stage) -> Any:
    other = s.make.site(name="Other")
    revision = str(s.make.survey(other).revision)
    token = done(Page(s.page.client, other.key, revision).end())["token"]
    before.update(s.everything())
    return s.page.vote(token)


def expired_token(s: Stage) -> Any:
    s.clock.forward(days=15)
    return s.page.vote(s.token)


def expired_signature(s: Stage) -> Any:
    s.clock.forward(minutes=10)
    return s.reader.vote({**ARTICLE, **signed(s.site, int(s.clock.now().timestamp()) - 1, "ann")})


def staff(s: Stage) -> Any:
    return s.reader.vote({**ARTICLE, **signed(s.site, int(s.clock.now().timestamp()) + 9, "ann", role="staff")})


def bad_signature(s: Stage) -> Any:
    return s.reader.vote({**ARTICLE, "visitor": "ann", "signature": "1.k1.AAAA", "expires": 4_000_000_000})


def closed_survey(s: Stage) -> Any:
    article = next(one for one in done(s.api.get("/surveys"))["surveys"] if one["placement"] == "article")
    done(s.api.patch(f"/surveys/{article['id']}", {"closed": True}))
    s.clock.forward(days=30)
    return s.reader.vote(ARTICLE)


def withdrawn_question(s: Stage) -> Any:
    s.clock.forward(minutes=20)
    s.talk.chat()
    before.update(s.everything())
    return s.page.vote(s.token)


def unknown_conversation(s: Stage) -> Any:
    return s.api.post("/conversations/none/messages", {"external_id": "m", "author": "visitor", "text": "x"})


def transcript_of_another_site(s: Stage) -> Any:
    stranger = s.make.back_end(s.make.site(name="Other"))
    return stranger.get(s.talk.path)


def no_answer(s: Stage) -> Any:
    body = {"token": s.token, "id": press_id(), "rev": 1, "revision": s.page.revision}
    return s.page.post("votes", body)


def another_answer(s: Stage) -> Any:
    press = press_id()
    s.talk.vote(s.token, 3, id=press)
    before.update(s.everything())
    return s.page.vote(s.token, 1, id=press)


def too_large(s: Stage) -> Any:
    return s.page.vote(s.token, comment="x" * 20_000)


#: The rows before the invalid call; a case that prepares more updates them.
before: dict[str, Any] = {}
CASES: dict[Callable[[Stage], Any], tuple[int, str]] = {
    unknown_key: (404, "unknown_site"),
    foreign_origin: (403, "origin"),
    foreign_token: (403, "bad_token"),
    expired_token: (409, "expired"),
    expired_signature: (403, "signature_expired"),
    bad_signature: (403, "bad_signature"),
    staff: (403, "staff"),
    closed_survey: (409, "closed"),
    withdrawn_question: (409, "withdrawn"),
    unknown_conversation: (404, "not_found"),
    transcript_of_another_site: (404, "not_found"),
    no_answer: (422, "invalid"),
    another_answer: (422, "conflict"),
    too_large: (413, "too_large"),
}
#: Codes that only the back end receives.
OF_THE_API = {"not_found"}


@pytest.mark.parametrize("case", CASES)
def test_a_clear_problem_and_nothing_lost(stage: Stage, case: Callable[[Stage], Any]) -> None:
    check_refused(stage, case)


@ON_POSTGRESQL
@pytest.mark.parametrize("case", [expired_token, closed_survey, withdrawn_question, another_answer])
def test_a_transaction_that_is_refused_within_leaves_nothing(stage: Stage, case: Callable[[Stage], Any]) -> None:
    check_refused(stage, case)


def check_refused(stage: Stage, case: Callable[[Stage], Any]) -> None:
    before.clear()
    before.update(stage.everything())
    refused = case(stage)
    status, code = CASES[case]
    problem = refused.get_json()
    assert (refused.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert refused.mimetype == "application/problem+json"
    assert problem["title"] and problem["detail"][-1] == ".", "a whole sentence"
    assert ("pointer" in problem) == (status == 422)
    assert stage.everything() == before
    assert wrong_counts(stage.app) == []


def test_the_right_call_still_works_after_every_bad_one(stage: Stage) -> None:
    for case in (unknown_key, foreign_origin, foreign_token, bad_signature, staff, no_answer, too_large):
        assert case(stage).status_code >= 400
    assert stage.talk.vote(stage.token, 3)["status"] == "saved"


def test_the_visitor_reads_why_in_every_language(subtests: pytest.Subtests) -> None:
    texts = {path.stem: json.loads(path.read_text("utf-8"))["later"] for path in TEXTS}
    english = texts["en"]
    codes = {code for _, code in CASES.values()} - OF_THE_API
    for language, words in texts.items():
        with subtests.test(language=language):
            assert codes <= words.keys()
            assert all(len(words[code]) > 5 for code in codes)
            assert language == "en" or not any(words[code] == english[code] for code in codes)
