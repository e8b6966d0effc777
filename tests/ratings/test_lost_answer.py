"""A response that is lost after the commit: the retry receives the stored receipt, and no vote is stored twice."""

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

TIMEOUT_SECONDS = 10
ROUNDS = 1_000


def send(port: int, page: Page, body: dict[str, Any]) -> dict[str, Any] | None:
    """Send one request of a browser, and return its receipt, or None if the connection ends without a response."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("POST", f"/w/{page.key}/votes", json.dumps(body), {"Origin": page.origin or ""})
        response = connection.getresponse()
        assert response.status == 200
        return dict(json.loads(response.read()))
    except (http.client.HTTPException, ConnectionError):
        return None
    finally:
        connection.close()


def send_votes(app: Flask, page: Page, number: int) -> int:
    """Send votes and lose one to three responses of each; return the number of lost responses."""
    lost_count = 0
    with listening(app) as url, LossyProxy(urlsplit(url).port or 0) as proxy:
        for place in range(number):
            target = {"kind": "article", "subject": f"/a{place % 3}"}
            body = {**target, "id": press_id(), "rev": 1, "revision": page.revision, "score": 1 + place % 3}
            proxy.lose(1 + place % 3)
            tries = 0
            receipt = None
            while receipt is None:
                receipt, tries = send(proxy.port, page, body), tries + 1
            assert tries == 2 + place % 3, "the proxy dropped the requested number of responses"
            lost_count += tries - 1
            stored = rows(app, "vote")[-1]
            assert (receipt["vote"], receipt["score"]) == (str(stored.id), body["score"])
            assert receipt["saved_at"] == stored.changed_at.isoformat(timespec="milliseconds")
            assert (count(app, "vote"), count(app, "vote_change")) == (place + 1, 0)
    assert wrong_counts(app) == []
    return lost_count


def forget_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the server treat each request as a new client's."""
    submission_of = votes._submission_of
    monkeypatch.setattr(
        votes, "_submission_of", lambda fields: replace(submission_of(fields), client_hash=tokens.digest(press_id()))
    )


@ON_BOTH
def test_a_retry_receives_the_lost_receipt(app: Flask, article_page: Page) -> None:
    send_votes(app, article_page, 6)


def test_the_check_fails_if_the_server_forgets_ids(
    app: Flask, article_page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_ids(monkeypatch)
    with pytest.raises(AssertionError):
        send_votes(app, article_page, 1)
    assert count(app, "vote") == 2


@ON_BOTH
@pytest.mark.long
def test_a_thousand_lost_receipts(app: Flask, article_page: Page, config: Config) -> None:
    lost_count = send_votes(app, article_page, ROUNDS)
    record(
        f"A4, {'SQLite' if config.is_sqlite else 'PostgreSQL'}",
        f"{ROUNDS:,} votes of which {lost_count:,} responses were lost: 0 doubled,"
        " each retry received the stored receipt",
        "a server that treats each retry as a new client's: found by the short form at its first vote",
    )
