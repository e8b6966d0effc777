"""Surges: unusually many anonymous votes on a subject within an hour are suspected until someone decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, insert

from tests.back_end import Api
from tests.conversations.concurrency import at_once
from tests.conversations.rows import rows, table, wrong_counts
from tests.conversations.talk import done
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from tests.invitations.signing import signed
from tests.widget.conftest import Page, press_id
from widget_server.jobs import schedule
from widget_server.jobs.loop import run_once
from widget_server.ratings import surge_decisions, surges
from widget_server.storage.db import engines

MARK, FORGET = (next(job for job in schedule.JOBS if name in job.name) for name in ("surges", "hourly counts"))
PATH = "/prices"
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def marking(app: Flask, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin at noon with the job's first run, after which it counts, and with small batches and numbers."""
    monkeypatch.setattr(surges, "MIN_VOTES", 5)
    for module in (surges, surge_decisions):
        monkeypatch.setattr(module, "VOTES_PER_BATCH", 4)
    monkeypatch.setattr(surges, "EVENTS_PER_BATCH", 3)
    clock.set(NOON)
    run_once(app, MARK)


def press(page: Page, count: int, path: str = PATH, **fields: Any) -> list[str]:
    """Vote from as many browsers and return the ids of the votes."""
    target = {"kind": "article", "subject": path}
    return [done(page.vote(target, 1, **fields))["vote"] for _ in range(count)]


def mark(app: Flask, api: Api, **query: str) -> list[Any]:
    """Run the job and return the surges, newest first."""
    run_once(app, MARK)
    arguments = "&".join(f"{name}={value}" for name, value in query.items())
    return list(done(api.get(f"/surges?{arguments}"))["surges"])


def statuses(api: Api) -> dict[str, int]:
    return {
        status: len(done(api.get(f"/votes?status={status}&limit=200"))["votes"])
        for status in ("counted", "suspected", "excluded")
    }


def write_hours(app: Flask, site: MadeSite, counts: list[int]) -> None:
    """Store the counts of the hours before noon, the newest last."""
    [subject] = rows(app, "subject", subject=PATH)
    with app.app_context(), engines().write.begin() as connection:
        for age, n in enumerate(reversed(counts), start=1):
            values = {"site_id": site.id, "subject_id": subject.id, "hour": NOON - timedelta(hours=age), "n": n}
            connection.execute(insert(table("subject_hour")).values(values))


@ON_BOTH
def test_votes_of_a_surge_are_suspected_and_one_press_excludes_or_keeps_them(
    app: Flask, api: Api, auditor: Api, article_page: Page, clock: SetClock
) -> None:
    press(article_page, 3, "/calm")
    press(article_page, 5)
    assert mark(app, api) == []
    # A page cannot move its vote out of the hour, because the arrival counts.
    press(article_page, 2, age_ms=47 * 3_600_000)
    [surge] = mark(app, api, state="open")
    assert (surge["subject"], surge["vote_count"], surge["max_votes"], surge["state"]) == (PATH, 7, 5, "open")
    assert (surge["started_at"], surge["ended_at"]) == ("2026-03-03T12:00:00Z", "2026-03-03T13:00:00Z")
    assert statuses(api) == {"counted": 3, "suspected": 7, "excluded": 0}
    listed = {row["subject"]: (row["answered"], row["suspected"]) for row in done(api.get("/subjects"))["subjects"]}
    assert listed == {PATH: (0, 7), "/calm": (3, 0)}
    assert {vote["status_reason"] for vote in done(api.get("/votes?status=suspected"))["votes"]} == {"surge"}
    assert wrong_counts(app) == []

    clock.forward(minutes=5)
    excluded = done(api.post(f"/surges/{surge['id']}/exclude", {"by": "Ruth"}))
    assert (excluded["state"], excluded["decided_by"], excluded["is_pending"]) == ("excluded", "Ruth", True)
    assert statuses(api) == {"counted": 3, "suspected": 3, "excluded": 4}
    assert mark(app, api)[0]["is_pending"] is False
    assert statuses(api) == {"counted": 3, "suspected": 0, "excluded": 7}
    assert wrong_counts(app) == []

    kept_surge = done(api.post(f"/surges/{surge['id']}/keep"))
    assert (kept_surge["state"], kept_surge["reason"]) == ("kept", None)
    assert mark(app, api, state="kept")[0]["is_pending"] is False
    assert statuses(api) == {"counted": 10, "suspected": 0, "excluded": 0}
    assert wrong_counts(app) == []
    assert [entry["action"] for entry in done(auditor.get("/audit?group=surge"))["entries"]] == [
        "surge.excluded",
        "surge.kept",
    ]


@ON_BOTH
def test_a_vote_that_changes_during_marking_and_decision_loses_nothing(
    app: Flask, api: Api, article_page: Page
) -> None:
    target, ids = {"kind": "article", "subject": PATH}, [press_id() for _ in range(8)]
    for one in ids:
        done(article_page.vote(target, 1, id=one))
    changes = [lambda one=one: done(article_page.vote(target, 3, id=one, rev=2)) for one in ids]
    at_once([*changes[:4], lambda: run_once(app, MARK)])
    [surge] = mark(app, api)
    at_once([*changes[4:], lambda: done(api.post(f"/surges/{surge['id']}/exclude"))])
    run_once(app, MARK)
    assert statuses(api) == {"counted": 0, "suspected": 0, "excluded": 8}
    assert {vote["answer"]["score"] for vote in done(api.get("/votes"))["votes"]} == {3}
    assert wrong_counts(app) == []


def test_the_usual_hours_of_a_subject_decide(
    app: Flask, api: Api, article_page: Page, site: MadeSite, subtests: pytest.Subtests
) -> None:
    press(article_page, 1)
    write_hours(app, site, [1, 900, 1, 1, 1])
    press(article_page, 9)
    assert mark(app, api) == [], "ten votes are ten times the median"
    press(article_page, 1)
    assert [(surge["max_votes"], surge["vote_count"]) for surge in mark(app, api)] == [(10, 11)]


@pytest.mark.slow
def test_a_surge_lasts_until_a_calm_hour_or_a_decision(
    app: Flask, api: Api, article_page: Page, clock: SetClock
) -> None:
    for _ in range(2):
        press(article_page, 6)
        assert len(mark(app, api)) == 1
        clock.forward(hours=1)
    press(article_page, 5)
    [surge] = mark(app, api)
    assert (surge["ended_at"], surge["vote_count"]) == ("2026-03-03T14:00:00Z", 12), "the median leaves out the surge"
    done(api.post(f"/surges/{surge['id']}/exclude"))
    run_once(app, MARK)
    assert statuses(api) == {"counted": 5, "suspected": 0, "excluded": 12}

    press(article_page, 1)
    [second, _] = mark(app, api)
    assert (second["started_at"], second["vote_count"]) == ("2026-03-03T14:00:00Z", 6)
    clock.forward(minutes=10)
    done(api.post(f"/surges/{second['id']}/exclude"))
    press(article_page, 2)
    [third, _, _] = mark(app, api)
    assert (third["started_at"], third["vote_count"]) == ("2026-03-03T14:10:00Z", 2), "what follows is a new one"


@pytest.mark.slow
def test_a_kept_hour_may_be_doubled(
    app: Flask, api: Api, article_page: Page, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surges, "TIMES_MEDIAN", 1)
    press(article_page, 7)
    [surge] = mark(app, api)
    done(api.post(f"/surges/{surge['id']}/keep"))
    press(article_page, 7)
    assert [row["state"] for row in mark(app, api)] == ["kept"]
    clock.forward(hours=1)
    press(article_page, 28)
    assert [row["state"] for row in mark(app, api)] == ["kept"]
    press(article_page, 1)
    assert [row["state"] for row in mark(app, api)] == ["open", "kept"]


def test_a_vote_that_a_person_excluded_stays_excluded(
    app: Flask, api: Api, article_page: Page, clock: SetClock
) -> None:
    first, *_ = press(article_page, 6)
    done(api.post(f"/votes/{first}/exclude", {"reason": "a test of ours"}))
    [surge] = mark(app, api)
    assert surge["vote_count"] == 5
    for decision in ("exclude", "keep"):
        clock.forward(seconds=1)
        done(api.post(f"/surges/{surge['id']}/{decision}"))
        run_once(app, MARK)
    assert statuses(api) == {"counted": 5, "suspected": 0, "excluded": 1}


def test_only_anonymous_votes_count(app: Flask, api: Api, article_page: Page, site: MadeSite) -> None:
    for number in range(8):
        proof = signed(site, int(NOON.timestamp()) + 3600, visitor=f"v{number}", kind="article", subject=PATH)
        done(article_page.vote({"kind": "article", "subject": PATH, **proof}, 3))
    press(article_page, 5)
    assert mark(app, api) == []


def test_old_hours_are_forgotten(app: Flask, api: Api, article_page: Page, site: MadeSite, clock: SetClock) -> None:
    press(article_page, 1)
    write_hours(app, site, [3])
    clock.forward(days=28, hours=3)
    press(article_page, 1)
    run_once(app, MARK)
    run_once(app, FORGET)
    assert {row.hour for row in rows(app, "subject_hour")} == {surges.to_hour(clock.now())}


def test_an_unknown_surge_and_wrong_input_change_nothing(app: Flask, api: Api, article_page: Page) -> None:
    press(article_page, 6)
    [surge] = mark(app, api)
    missing_id = "0197c7a0-0000-7000-8000-000000000000"
    assert api.post(f"/surges/{missing_id}/exclude").status_code == 404
    assert done(api.post(f"/surges/{surge['id']}/exclude", {"reason": "x" * 501}), 422)["pointer"] == "/reason"
    assert api.get("/surges?state=lost").status_code == 422
    assert mark(app, api)[0]["state"] == "open"


def test_the_search_for_surges_leaves_the_writing_connection_alone(
    app: Flask, api: Api, article_page: Page, make: Make
) -> None:
    """Votes wait for SQLite's writing connection, and a stuffed article has many votes."""
    for number in range(5):
        make.site(name=f"other{number}")
    press(article_page, 9)
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    with app.app_context():
        event.listen(engines().write, "before_cursor_execute", note)
    [surge] = mark(app, api)
    assert surge["vote_count"] == 9
    unbounded = [text for text in statements if "FROM vote" in text and "vote.id IN" not in text]
    assert unbounded == []
    statements.clear()
    run_once(app, MARK)
    assert [text for text in statements if "FROM site" in text or "FROM vote" in text] == []
    assert len(statements) < 10
