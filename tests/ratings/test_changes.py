"""Changed answers: what they keep, when they are a recovery, and that an excluded vote stays excluded."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import update

from widget_server.ratings.models import VOTE_STATUSES
from widget_server.ratings.statements import ADD_FIRST_CHANGE
from widget_server.storage.engines import Engines

from ..conftest import Api
from ..conversations.rows import counts, rows, table, wrong_counts
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..factories import Make
from ..frozen_clock import SetClock
from ..widget.conftest import Page, press_id

pytestmark = ON_BOTH
NAME = "D" * 22


@pytest.fixture
def token(talk: Talk, clock: SetClock) -> str:
    return talk.chat().ask()


def recoveries(app: Flask) -> list[bool]:
    return [row.recovery for row in rows(app, "vote_change")]


#: (score before, score after, seconds between them, whether that is a recovery)
CHANGES = [
    (1, 3, 61, True),
    (1, 2, 61, True),
    (2, 3, 61, True),
    (1, 3, 60, False),
    (3, 1, 999, False),
    (2, 2, 999, False),
]


def test_from_worse_to_better_after_a_minute(
    app: Flask, clock: SetClock, talks: Callable[..., Talk], subtests: pytest.Subtests
) -> None:
    for before, after, seconds, recovery in CHANGES:
        with subtests.test(before=before, after=after, seconds=seconds):
            talk = talks().chat()
            token = talk.ask()
            clock.forward(seconds=1)
            talk.vote(token, before, id=NAME)
            clock.forward(seconds=seconds)
            talk.vote(token, after, id=NAME, rev=2)
            assert recoveries(app)[-2:] == [False, recovery]
            corrected = talk.segments()[0]["rating"]["corrected"]
            correction = corrected and (
                corrected["before"]["score"],
                corrected["recovery"],
                corrected["after_seconds"],
            )
            assert correction == (None if before == after else (before, recovery, seconds))
    assert len(recoveries(app)) == 2 * len(CHANGES)


def test_a_vote_has_no_history_rows_until_its_first_change(
    app: Flask, talk: Talk, api: Api, token: str, clock: SetClock
) -> None:
    clock.forward(seconds=1)
    talk.vote(token, 1, id=NAME, comment="Slow")
    assert rows(app, "vote_change") == []
    first = rows(app, "vote")[0]
    assert [entry["comment"] for entry in done(api.get(f"/votes/{first.id}/history"))["history"]] == ["Slow"]
    clock.forward(seconds=1)
    talk.vote(token, 2, id=NAME, rev=2)
    changes = rows(app, "vote_change")
    assert [(row.version, row.rev, row.score, row.comment) for row in changes] == [(1, 1, 1, "Slow"), (2, 2, 2, None)]
    assert (changes[0].intended_at, changes[0].stored_at) == (first.intended_at, first.changed_at)


def test_a_vote_of_an_older_release_keeps_its_first_history_row_once(
    app: Flask, talk: Talk, token: str, clock: SetClock
) -> None:
    talk.vote(token, 1, id=NAME)
    engines: Engines = app.extensions["tilfreds_engines"]
    vote = rows(app, "vote")[0]
    with engines.write.begin() as connection:
        ADD_FIRST_CHANGE.run(connection, {"of_site": vote.site_id, "of_vote": vote.id})
    clock.forward(seconds=1)
    talk.vote(token, 2, id=NAME, rev=2)
    assert [row.version for row in rows(app, "vote_change")] == [1, 2]


def test_after_new_messages_a_better_answer_is_a_recovery_at_once(
    app: Flask, talk: Talk, token: str, clock: SetClock
) -> None:
    clock.forward(seconds=1)
    talk.vote(token, 1, id=NAME)
    clock.forward(seconds=1)
    talk.vote(token, 2, id=NAME, rev=2)
    clock.forward(seconds=1)
    talk.say("agent", "I am sorry, here is a voucher")
    clock.forward(seconds=1)
    talk.vote(token, 3, id=NAME, rev=3)
    assert recoveries(app) == [False, False, True]


def test_the_times_of_the_presses_count_not_their_arrival(app: Flask, talk: Talk, token: str, clock: SetClock) -> None:
    clock.forward(minutes=10)
    talk.vote(token, 1, id=NAME, age_ms=500_000)
    talk.vote(token, 3, id=NAME, rev=2, age_ms=400_000)
    assert recoveries(app) == [False, True]


def test_a_comment_is_a_later_submission_of_the_same_answer(
    app: Flask, talk: Talk, token: str, clock: SetClock
) -> None:
    first = talk.vote(token, 1, id=NAME)
    pressed_at = talk.segments()[0]["rating"]["at"]
    clock.forward(minutes=3)
    second = talk.vote(token, 1, id=NAME, rev=2, comment="Slow")
    assert (first["vote"], first["comment"], second["comment"]) == (second["vote"], False, True)
    rating = talk.segments()[0]["rating"]
    assert (rating["comment"], rating["at"], rating["corrected"]) == ("Slow", pressed_at, None)
    assert recoveries(app) == [False, False]


def test_the_day_is_that_of_the_first_submission_in_the_sites_time_zone(
    app: Flask, make: Make, clock: SetClock
) -> None:
    """10:00 UTC is the same day in Copenhagen and the next day on Kiritimati; later changes keep the day."""
    for zone, day in (("Europe/Copenhagen", "2026-03-03"), ("Pacific/Kiritimati", "2026-03-04")):
        site = make.site(name=zone, time_zone=zone)
        page = Page(make.client, site.key, str(make.survey(site, "article").revision))
        subject, name = {"kind": "article", "subject": f"/{day}"}, press_id()
        for rev, score in ((1, 1), (2, None), (3, 3)):
            done(page.vote(subject, score, id=name, rev=rev))
            clock.forward(days=3)
        assert str(rows(app, "vote", site_id=site.id)[0].voted_on) == day
        clock.forward(days=-9)
    assert wrong_counts(app) == []


def exclude(app: Flask, **values: object) -> None:
    """Set columns of the only vote directly in the database, and move its counts with it."""
    engines: Engines = app.extensions["tilfreds_engines"]
    with engines.write.begin() as connection:
        connection.execute(update(table("vote")).values(**values))
        for name in ("tally", "agent_tally", "subject_tally"):
            status = "excluded" if "excluded_at" in values else "suspected"
            connection.execute(update(table(name)).values(status=status))


@pytest.mark.parametrize("how", ["excluded", "suspected"])
def test_an_excluded_vote_stays_excluded_on_every_change(
    app: Flask, talk: Talk, api: Api, token: str, clock: SetClock, how: str
) -> None:
    talk.vote(token, 1, id=NAME)
    if how == "excluded":
        exclude(app, excluded_at=clock.now(), excluded_by="owner", exclusion_reason="a test")
    else:
        exclude(app, suspicion_reason="a robot")
    clock.forward(minutes=2)
    for rev, score in ((2, 3), (3, None), (4, 2)):
        assert talk.vote(token, score, id=NAME, rev=rev)["score"] == score, "the change is stored"
        assert {key[5] for key in counts(app)["tally"]} <= {how}
        assert talk.segments()[0]["rating"]["status"] == how
        assert wrong_counts(app) == []
    for status in VOTE_STATUSES:
        votes = done(api.get(f"/votes?status={status}"))["votes"]
        assert [vote["status"] for vote in votes] == ([how] if status == how else [])
    other = talk.vote(token, 3, id=press_id(), age_ms=0)
    assert other["vote"] == str(rows(app, "vote")[0].id)
    assert {key[5] for key in counts(app)["tally"]} == {how}


def test_excluded_outranks_suspected(app: Flask, talk: Talk, token: str, clock: SetClock) -> None:
    talk.vote(token, 1, id=NAME)
    exclude(app, suspicion_reason="a robot")
    exclude(app, excluded_at=clock.now(), excluded_by="owner", exclusion_reason="a test")
    talk.vote(token, 3, id=NAME, rev=2)
    assert {key[5] for key in counts(app)["tally"]} == {"excluded"}
    assert wrong_counts(app) == []
