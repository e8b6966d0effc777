"""The history of a vote that its client saves again and again."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import event

from widget_server.storage.engines import Engines

from ..back_end import Api
from ..conversations.rows import rows, wrong_counts
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..frozen_clock import SetClock

NAME = "A" * 22
SAVES = 120
MAX_ENTRIES = 50


def read_history(api: Api, vote: str, limit: int = 20) -> list[Any]:
    """Return all entries, page by page."""
    entries: list[Any] = []
    after: int | None = 0
    while after is not None:
        page = done(api.get(f"/votes/{vote}/history?after={after}&limit={limit}"))
        assert len(page["history"]) <= limit
        entries += page["history"]
        after = page["next_after"]
    return entries


@ON_BOTH
def test_saves_of_one_minute_with_one_score_are_one_entry(app: Flask, api: Api, talk: Talk, clock: SetClock) -> None:
    token = talk.chat().ask()
    for rev in range(1, 11):
        vote = talk.vote(token, 1, id=NAME, rev=rev, comment=f"Word {rev}")["vote"]
        clock.forward(seconds=2)
    assert [row.comment for row in rows(app, "vote_change")] == ["Word 1", "Word 10"]
    talk.vote(token, 3, id=NAME, rev=11)
    talk.vote(token, 3, id=NAME, rev=12, comment="Better")
    assert [(row.version, row.score) for row in rows(app, "vote_change")] == [(1, 1), (10, 1), (11, 3), (12, 3)]
    assert [entry["comment"] for entry in read_history(api, vote)] == ["Word 1", "Word 10", None, "Better"]
    stale = talk.vote(token, 1, id=NAME, rev=5, comment="Word 5")
    assert (stale["status"], stale["score"]) == ("ignored", 3)
    assert wrong_counts(app) == []


@ON_BOTH
def test_a_history_has_at_most_50_entries(app: Flask, api: Api, talk: Talk, clock: SetClock) -> None:
    """Save once a minute: with one score, with one change of it, and with a change at every save."""
    token = talk.chat().ask()
    for rev in range(1, SAVES + 1):
        score = 1 if rev < SAVES // 2 else 2
        vote = talk.vote(token, score, id=NAME, rev=rev, comment=f"Word {rev}")["vote"]
        clock.forward(minutes=1)
    versions = [row.version for row in rows(app, "vote_change")]
    assert (len(versions), versions[0], versions[-1]) == (MAX_ENTRIES, 1, SAVES)
    assert SAVES // 2 in versions, "the change of the score stays, though older entries were deleted"
    assert talk.segments()[0]["rating"]["corrected"]["before"]["score"] == 1
    for rev in range(SAVES + 1, 2 * SAVES + 1):
        talk.vote(token, 1 + rev % 2, id=NAME, rev=rev)
        clock.forward(minutes=1)
    versions = [row.version for row in rows(app, "vote_change")]
    assert (len(versions), versions[0], versions[-1]) == (MAX_ENTRIES, 1, 2 * SAVES)
    assert len(read_history(api, vote)) == MAX_ENTRIES
    assert wrong_counts(app) == []


def test_lists_read_no_comment_of_a_history(app: Flask, api: Api, talk: Talk, clock: SetClock) -> None:
    token = talk.chat().ask()
    for rev in range(1, 4):
        talk.vote(token, rev, id=NAME, rev=rev, comment="Long")
        clock.forward(minutes=1)
    engines: Engines = app.extensions["tilfreds_engines"]
    statements: list[str] = []
    event.listen(engines.read, "before_cursor_execute", lambda *values: statements.append(values[2]))
    for path in ("/votes", "/conversations"):
        done(api.get(path))
    of_history = [statement for statement in statements if "FROM vote_change" in statement]
    assert of_history
    assert not any("vote_change.comment" in statement or "answers" in statement for statement in of_history)
