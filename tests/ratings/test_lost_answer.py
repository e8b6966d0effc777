"""The answer is lost after the commit: the retry gets the receipt of what is stored, and nothing is stored twice."""

from __future__ import annotations

import http.client
import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from widget_server.core import tokens
from widget_server.core.config import Config
from widget_server.widget import votes

from ..conversations.rows import count, rows, wrong_counts
from ..databases import ON_BOTH
from ..faults.record import record
from ..serving import listening
from ..widget.conftest import Page, press_id
from .proxy import LossyProxy

SECONDS = 10
ROUNDS = 1_000


def send(port: int, page: Page, body: dict[str, Any]) -> dict[str, Any] | None:
    """One try of a browser; None when the connection ended without an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("POST", f"/w/{page.key}/votes", json.dumps(body), {"Origin": page.origin or ""})
        response = connection.getresponse()
        assert response.status == 200
        return dict(json.loads(response.read()))
    except (http.client.HTTPException, ConnectionError):
        return None
    finally:
        connection.close()


def rounds(app: Flask, page: Page, number: int) -> int:
    """So many votes, of each of which one to three answers are lost; how many were."""
    lost = 0
    with listening(app) as url, LossyProxy(urlsplit(url).port or 0) as proxy:
        for place in range(number):
            target = {"kind": "article", "subject": f"/a{place % 3}"}
            body = {**target, "id": press_id(), "rev": 1, "revision": page.revision, "score": 1 + place % 3}
            proxy.lose(1 + place % 3)
            tries = 0
            receipt = None
            while receipt is None:
                receipt, tries = send(proxy.port, page, body), tries + 1
            assert tries == 2 + place % 3, "the proxy lost as many answers as it was told to"
            lost += tries - 1
            stored = rows(app, "vote")[-1]
            assert (receipt["vote"], receipt["score"]) == (str(stored.id), body["score"])
            assert receipt["saved_at"] == stored.changed_at.isoformat(timespec="milliseconds")
            assert (count(app, "vote"), count(app, "vote_change")) == (place + 1, 0)
    assert wrong_counts(app) == []
    return lost


def forget_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server takes each try for another client's."""
    submission_of = votes._submission_of
    monkeypatch.setattr(
        votes, "_submission_of", lambda fields: replace(submission_of(fields), client_hash=tokens.digest(press_id()))
    )


@ON_BOTH
def test_a_lost_answer_is_given_again(app: Flask, article_page: Page) -> None:
    rounds(app, article_page, 6)


def test_a_server_that_forgets_ids_is_found(app: Flask, article_page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    forget_ids(monkeypatch)
    with pytest.raises(AssertionError):
        rounds(app, article_page, 1)
    assert count(app, "vote") == 2


@ON_BOTH
@pytest.mark.long
def test_a_thousand_lost_answers(app: Flask, article_page: Page, config: Config) -> None:
    lost = rounds(app, article_page, ROUNDS)
    record(
        f"A4, {'SQLite' if config.is_sqlite else 'PostgreSQL'}",
        f"{ROUNDS:,} votes of which {lost:,} answers were lost: 0 doubled,"
        " each retry got the receipt of what is stored",
        "a server that takes each try for another client's: found by the short form at its first vote",
    )
