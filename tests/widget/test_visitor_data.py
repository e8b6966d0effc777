"""Visitors read, change and erase their rating without an account, and read no other."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient

from widget_server.core.config import Config

from ..back_end import Api
from ..conversations.rows import rows, wrong_counts
from ..conversations.talk import done
from ..databases import ON_BOTH
from ..frozen_clock import SetClock
from ..ratings.test_erasure import CANARY, files_with_canary, tables_with_canary
from .conftest import Page, press_id
from .pictures import picture
from .showing import Answer, Answers, answers
from .test_longer_survey import link_of, longer

__all__ = ["answers", "longer"]
ARTICLE = {"kind": "article", "subject": "/a"}


def read_data(answer: Answer, **fields: Any) -> Any:
    return answer.page.post("data", {"vote": answer.vote, "id": answer.id, **fields})


def open_link(answer: Answer) -> str:
    return urlsplit(done(read_data(answer))["page"]).path


def rated(answers: Answers, **fields: Any) -> Answer:
    answer = answers("/a")
    values = {"comment": f"Bad {CANARY}", "page": "https://shop.example/a", **fields}
    done(answer.page.vote(ARTICLE, 1, id=answer.id, rev=2, **values))
    assert answer.show(picture()).status_code == 200
    return answer


def test_the_browser_reads_what_is_held(answers: Answers) -> None:
    answer = rated(answers)
    data = done(read_data(answer))["data"]
    assert (data["score"], data["comment"], data["page"]) == (1, f"Bad {CANARY}", "https://shop.example/a")
    assert [entry["comment"] for entry in data["history"]] == [None, f"Bad {CANARY}"]
    assert data["screenshot"]["content"] and data["has_customer_id"] is False
    assert "excluded_by" not in data


def test_no_other_browser_or_link_reads_it(answers: Answers, client: FlaskClient, longer: Page) -> None:
    """Neither another browser, nor the link to a survey page or a changed one, opens the data."""
    answer = rated(answers)
    for fields in ({"id": press_id()}, {"vote": "018f0000-0000-7000-8000-000000000000"}):
        response = read_data(answer, **fields)
        assert (response.status_code, response.get_json()["code"]) == (403, "not_yours")
    link = open_link(answer)
    assert client.get(link).status_code == 200
    key, token = link.split("/")[2:4]
    changed_token = token[:-1] + ("A" if token[-1] != "A" else "B")
    assert client.get(f"/survey/{key}/{changed_token}/data").status_code == 403
    assert client.get(f"/survey/{key}/{token}").status_code == 403
    survey_link = link_of(done(longer.vote({**ARTICLE, "subject": "/b"}, 1)))
    assert client.get(f"{survey_link}/data").status_code == 403
    done(answer.page.vote(ARTICLE, 2, comment="Another browser"))
    assert client.get(link).status_code == 200, "each browser has its own rating of an article"


@ON_BOTH
def test_the_comment_is_changed_on_the_page(app: Flask, answers: Answers, client: FlaskClient, clock: SetClock) -> None:
    answer = rated(answers)
    link = open_link(answer)
    assert f"Bad {CANARY}" in client.get(link).text
    clock.forward(minutes=2)
    form = {"action": "comment", "comment": "Better 4111 1111 1111 1111"}
    for _ in range(2):
        assert client.post(link, data=form).headers["Location"].endswith("/data")
    (vote,) = rows(app, "vote")
    assert (vote.score, vote.comment, vote.rev, vote.version) == (1, "Better •••• •••• •••• ••••", 2, 3)
    done(answer.page.vote(ARTICLE, 3, id=answer.id, rev=3, comment="On the card"))
    assert "On the card" in client.get(link).text
    too_long = client.post(link, data={"action": "comment", "comment": "x" * 4_001})
    assert too_long.headers["Location"].endswith("?refused=1")
    assert client.post(link, data={"action": "comment", "comment": ""}).status_code == 303
    assert rows(app, "vote")[0].comment is None
    assert wrong_counts(app) == []


@ON_BOTH
def test_the_words_are_erased_on_the_page(
    app: Flask, auditor: Api, config: Config, answers: Answers, client: FlaskClient, clock: SetClock
) -> None:
    answer = rated(answers)
    link = open_link(answer)
    clock.forward(minutes=1)
    for _ in range(2):
        assert client.post(link, data={"action": "erase"}).status_code == 303
    assert (tables_with_canary(app), files_with_canary(config), rows(app, "screenshot")) == ([], [], [])
    (vote,) = rows(app, "vote")
    assert (vote.score, vote.comment) == (1, None)
    text = client.get(link).text
    assert "was erased" in text and "<form" not in text
    assert client.post(link, data={"action": "comment", "comment": "Again"}).status_code == 409
    (entry,) = done(auditor.get("/audit?group=vote"))["entries"]
    assert (entry["action"], entry["actor"]) == ("vote.erased", "Visitor")
    assert wrong_counts(app) == []


def test_the_link_expires(answers: Answers, client: FlaskClient, clock: SetClock) -> None:
    link = open_link(rated(answers))
    clock.forward(hours=49)
    assert client.get(link).status_code == 409
    assert client.post(link, data={"action": "erase"}).status_code == 409


def test_the_page_is_private(answers: Answers, client: FlaskClient) -> None:
    response = client.get(open_link(rated(answers)))
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in response.headers
