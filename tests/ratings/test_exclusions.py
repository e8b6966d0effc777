"""Excluding and restoring a vote: it is kept, counted separately, and logged with its reason."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, update

from tests.back_end import Api
from tests.conversations.concurrency import at_once
from tests.conversations.rows import wrong_counts
from tests.conversations.talk import Talk, done
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from widget_server.accounts import audit_chain
from widget_server.accounts.models import AuditEntry
from widget_server.storage.db import engines

Talks = Callable[..., Talk]


@pytest.fixture
def vote(talk: Talk) -> str:
    """Store a negative vote in a chat that Anna answered, and return its id."""
    done(talk.api.put("/agents/anna", {"name": "Anna"}))
    talk.say("visitor")
    talk.say("agent", agent="anna")
    talk.vote(talk.ask(), 1, comment="Never came")
    return str(done(talk.api.get("/votes"))["votes"][0]["id"])


def exclude(api: Api, vote: str, **fields: Any) -> Any:
    return done(api.post(f"/votes/{vote}/exclude", {"reason": "a test of ours", **fields}))


def read_log(api: Api, **query: int) -> list[Any]:
    """Return the decisions about votes."""
    query_string = "&".join(f"{name}={value}" for name, value in query.items())
    return list(done(api.get(f"/audit?group=vote&{query_string}"))["entries"])


@ON_BOTH
def test_an_excluded_vote_keeps_its_answer_and_names_actor_and_reason(app: Flask, talk: Talk, vote: str) -> None:
    excluded = exclude(talk.api, vote, by="Ruth")
    assert (excluded["status"], excluded["status_reason"]) == ("excluded", "a test of ours")
    assert (excluded["excluded"]["by"], excluded["excluded"]["reason"]) == ("Ruth", "a test of ours")
    assert (excluded["answer"]["score"], excluded["comment"]) == (1, "Never came")
    rating = talk.segments()[0]["rating"]
    assert (rating["status"], rating["excluded"]["by"]) == ("excluded", "Ruth")
    statuses = ("excluded", "counted")
    assert [len(done(talk.api.get(f"/votes?status={status}"))["votes"]) for status in statuses] == [1, 0]
    assert wrong_counts(app) == []


@ON_BOTH
def test_a_restored_vote_counts_with_its_current_answer(app: Flask, talk: Talk, vote: str, clock: SetClock) -> None:
    exclude(talk.api, vote)
    clock.forward(seconds=1)
    talk.vote(talk.ask(), 3, rev=2)
    assert talk.segments()[0]["rating"]["status"] == "excluded"
    assert wrong_counts(app) == []
    restored = done(talk.api.post(f"/votes/{vote}/restore"))
    assert (restored["status"], restored["excluded"], restored["answer"]["score"]) == ("counted", None, 3)
    assert wrong_counts(app) == []


@ON_BOTH
def test_a_repeated_decision_changes_nothing_and_is_logged_once(talk: Talk, vote: str, auditor: Api) -> None:
    for _ in range(2):
        exclude(talk.api, vote, by="Ruth")
    assert exclude(talk.api, vote, by="Ben", reason="another word")["excluded"]["by"] == "Ruth"
    for _ in range(2):
        done(talk.api.post(f"/votes/{vote}/restore", {"by": "Ben"}))
    entries = read_log(auditor)
    assert [(entry["actor"], entry["detail"], entry["action"]) for entry in entries] == [
        ("API key first key", {"score": 1, "by": "Ruth"}, "vote.excluded"),
        ("API key first key", {"score": 1, "by": "Ben"}, "vote.restored"),
    ]
    assert all(entry["actor_id"] for entry in entries)
    assert {entry["target"] for entry in entries} == {f"vote {vote}"}
    assert entries[1]["previous_hash"] == entries[0]["hash"]
    assert read_log(auditor, after=entries[0]["number"], limit=1) == entries[1:]


def test_without_a_name_the_actor_is_the_api_key(talk: Talk, vote: str) -> None:
    assert exclude(talk.api, vote)["excluded"]["by"].startswith("API key ")


def test_invalid_input_names_its_field_and_excludes_nothing(
    talk: Talk, vote: str, make: Make, site: MadeSite, auditor: Api
) -> None:
    for fields, pointer in (
        ({}, "/reason"),
        ({"reason": ""}, "/reason"),
        ({"reason": "x" * 501}, "/reason"),
        ({"reason": "x", "by": ""}, "/by"),
        ({"reason": "x", "by": "x" * 201}, "/by"),
    ):
        assert done(talk.api.post(f"/votes/{vote}/exclude", fields), 422)["pointer"] == pointer
    missing_id = "0197c7a0-0000-7000-8000-000000000000"
    foreign_site = make.site()
    other_site = make.back_end(foreign_site)
    for action in ("exclude", "restore"):
        body = {"reason": "x"} if action == "exclude" else {}
        responses = [
            talk.api.post(f"/votes/{missing_id}/{action}", body),
            other_site.post(f"/votes/{vote}/{action}", body),
        ]
        errors = {(response.status_code, response.get_json()["detail"]) for response in responses}
        assert errors == {(404, "There is no such vote.")}
    assert (read_log(auditor), read_log(make.auditor(foreign_site))) == ([], [])
    assert talk.segments()[0]["rating"]["status"] == "counted"


@ON_BOTH
def test_erasing_the_visitor_keeps_the_exclusion_without_its_reason(
    app: Flask, talk: Talk, vote: str, auditor: Api
) -> None:
    talk.tell(visitor="eve")
    exclude(talk.api, vote, by="Ruth", reason="Eve is the owner's sister")
    done(talk.api.post("/visitors/eve/erase"))
    erased = done(talk.api.get(f"/votes/{vote}"))
    assert (erased["status"], erased["excluded"]["by"], erased["excluded"]["reason"]) == ("excluded", "Ruth", None)
    assert "Eve" not in str(read_log(auditor))
    assert wrong_counts(app) == []


@ON_BOTH
def test_a_change_during_an_exclusion_loses_neither(app: Flask, talks: Talks, clock: SetClock) -> None:
    for number in range(4):
        talk = talks()
        talk.chat().vote(token := talk.ask(), 1)
        vote = done(talk.api.get("/votes?limit=1"))["votes"][0]["id"]
        clock.forward(seconds=1)
        calls: list[Callable[[], Any]] = [
            lambda talk=talk, token=token: talk.vote(token, 3, rev=2),  # type: ignore[misc]
            lambda talk=talk, vote=vote: exclude(talk.api, vote),  # type: ignore[misc]
        ]
        at_once(calls)
        rating = talk.segments()[0]["rating"]
        assert (rating["answer"]["score"], rating["status"]) == (3, "excluded"), number
    assert wrong_counts(app) == []


@ON_BOTH
def test_concurrent_decisions_form_one_chain(app: Flask, talks: Talks, auditor: Api) -> None:
    votes = []
    for _ in range(6):
        talk = talks()
        talk.chat().vote(talk.ask(), 1)
        votes.append(done(talk.api.get("/votes?limit=1"))["votes"][0]["id"])
    with ThreadPoolExecutor(len(votes)) as pool:
        list(pool.map(lambda vote: exclude(talk.api, vote), votes))
    numbers = [entry["number"] for entry in read_log(auditor)]
    assert numbers == list(range(numbers[0], numbers[0] + 6))
    assert broken_entries(app) == []


def broken_entries(app: Flask) -> list[int]:
    with app.app_context(), engines().read.connect() as connection:
        return [number for _, number in audit_chain.find_broken_entries(connection)]


def last_entries(app: Flask) -> list[int]:
    with app.app_context(), engines().read.connect() as connection:
        (site_anchor,) = audit_chain.list_anchors(connection)
        return [site_anchor.number - back for back in (2, 1, 0)]


@ON_BOTH
def test_a_change_of_the_log_breaks_its_chain(app: Flask, talk: Talk, vote: str, subtests: pytest.Subtests) -> None:
    exclude(talk.api, vote)
    done(talk.api.post(f"/votes/{vote}/restore"))
    exclude(talk.api, vote)
    _, middle, last = last_entries(app)
    entry = AuditEntry.number
    #: A change of the log, and the numbers of the entries whose hash then no longer matches.
    changes = {
        "actor": (update(AuditEntry).where(entry == middle).values(actor="Nobody"), [middle]),
        "kind of actor": (update(AuditEntry).where(entry == middle).values(actor_kind="operator"), [middle]),
        "detail": (update(AuditEntry).where(entry == middle).values(detail={"score": 3}), [middle]),
        "one removed": (delete(AuditEntry).where(entry == middle), [last]),
        "the first removed": (delete(AuditEntry).where(entry == 1), [2]),
        "moved": (update(AuditEntry).where(entry == last).values(number=99), [99]),
    }
    for name, (change, broken_numbers) in changes.items():
        assert broken_entries(app) == []
        with subtests.test(name=name), app.app_context(), engines().write.connect() as connection:
            connection.execute(change)
            # The change is rolled back when the connection closes.
            assert [number for _, number in audit_chain.find_broken_entries(connection)] == broken_numbers
