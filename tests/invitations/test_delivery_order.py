"""Ends that are delivered before the last messages of their segment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from ..conversations.rows import rows, wrong_counts
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..factories import MadeSite, Make
from ..frozen_clock import SetClock


@pytest.fixture(autouse=True)
def agents(make: Make, site: MadeSite) -> None:
    for name in ("Nora", "Emil", "Rita"):
        make.agent(site, name.lower(), name)


@pytest.fixture
def sent_at(clock: SetClock) -> datetime:
    """Return a time at which messages are sent: a minute before now, the time of the end."""
    start = clock.now()
    clock.forward(minutes=1)
    return start


def credited(talk: Talk, number: int = 1) -> list[str]:
    return list(talk.segments()[number - 1]["credited"])


@ON_BOTH
def test_late_messages_complete_agents_and_credit_until_the_first_vote(
    app: Flask, talk: Talk, clock: SetClock, sent_at: datetime
) -> None:
    talk.end()
    assert credited(talk) == []
    talk.say("visitor", sent_at=sent_at)
    talk.say("agent", agent="nora", sent_at=sent_at + timedelta(seconds=5))
    assert credited(talk) == ["Nora"]
    talk.say("agent", agent="emil", sent_at=sent_at)
    assert talk.segments()[0]["agents"] == ["Emil", "Nora"]
    token = talk.ask()
    talk.vote(token, 3)
    talk.say("agent", agent="rita", sent_at=sent_at)
    assert credited(talk) == ["Emil", "Nora"]
    assert done(talk.api.get("/votes"))["votes"][0]["agents"] == ["Emil", "Nora"]
    assert [row.n for row in rows(app, "agent_tally") if row.n] == [1, 1]
    assert wrong_counts(app) == []


def test_late_messages_complete_by_the_rule_of_the_end(talk: Talk, clock: SetClock, sent_at: datetime) -> None:
    done(talk.api.patch("/site", {"credit": "last"}))
    talk.say("agent", agent="nora", sent_at=sent_at)
    talk.end(ended_at=clock.now().isoformat())
    done(talk.api.patch("/site", {"credit": "all"}))
    talk.say("agent", agent="emil", sent_at=sent_at + timedelta(seconds=1))
    assert (credited(talk), talk.segments()[0]["credit"]) == (["Emil"], "last")


def test_names_stay_as_they_were_at_the_end(talk: Talk, clock: SetClock, sent_at: datetime) -> None:
    talk.say("agent", agent="nora", sent_at=sent_at)
    talk.end(ended_at=clock.now().isoformat())
    done(talk.api.put("/agents/nora", {"name": "Eleonora", "team": "South"}))
    talk.say("agent", agent="emil", sent_at=sent_at)
    assert sorted(credited(talk)) == ["Emil", "Nora"]
    assert {agent["team"] for agent in talk.ledger()[0]["context"]["agents"]} == {None}


def test_a_repeated_end_adds_the_closer_until_the_first_vote(talk: Talk) -> None:
    done(talk.api.patch("/site", {"credit": "closer"}))
    token = talk.chat().ask()
    talk.end(closer="rita")
    talk.end(closer="emil")
    assert credited(talk) == ["Rita"], "the first closer is kept"
    assert talk.ledger()[0]["context"]["closer"] == talk.ledger()[0]["context"]["agents"][0]["id"]
    talk.vote(token)
    assert credited(talk) == ["Rita"]


def test_a_closer_after_the_vote_is_ignored(talk: Talk) -> None:
    talk.vote(talk.chat().ask())
    talk.end(closer="rita")
    assert credited(talk) == []


#: What arrives before the end, the first reason, and what arrives afterwards.
MISSING: list[tuple[list[str], str, list[str]]] = [
    (["agent"], "no_visitor_message", ["visitor"]),
    (["system"], "no_visitor_message", ["visitor", "agent"]),
    (["visitor"], "no_person_answered", ["agent"]),
]


@ON_BOTH
def test_an_end_sent_again_decides_again_if_a_message_was_missing(app: Flask, talks: Any, clock: SetClock) -> None:
    for before, reason, late in MISSING:
        talk, sent_at = talks(), clock.now()
        clock.forward(minutes=1)
        for author in before:
            talk.say(author, sent_at=sent_at)
        end = {"ended_at": clock.now().isoformat()}
        assert talk.end(**end)["reason"] == reason
        assert talk.end(**end)["reason"] == reason
        for author in late:
            talk.say(author, sent_at=sent_at)
        again = talk.end(**end)
        assert (again["segment"], again["asked"], again["reason"]) == (1, True, None), before
        assert talk.end(**end) == again
        assert talk.statuses() == ["not_asked", "asked"]
        assert [row["attempt"] for row in talk.ledger()] == [1, 2]
        assert talk.vote(talk.ask())["status"] == "saved"
        assert wrong_counts(app) == []


def test_a_page_that_reports_the_end_again_gets_the_question(talk: Talk, clock: SetClock) -> None:
    talk.say("visitor", sent_at=clock.now())
    sent_at = clock.forward(seconds=30)
    clock.forward(seconds=30)
    assert done(talk.page.end(talk.id)) == {"asked": False, "reason": "no_person_answered"}
    talk.say("agent", sent_at=sent_at)
    assert done(talk.page.end(talk.id))["asked"]


def test_an_unknown_fact_that_became_known_is_decided_again(talk: Talk, sent_at: datetime) -> None:
    done(talk.api.patch("/site", {"ask_when_unknown": False}))
    assert talk.end()["reason"] == "unknown"
    talk.say("visitor", sent_at=sent_at)
    assert talk.end()["reason"] == "no_person_answered"
    talk.say("agent", sent_at=sent_at)
    assert talk.end()["asked"]
    assert [row["reason"] for row in talk.ledger()] == ["unknown", "no_person_answered", None]


@pytest.mark.parametrize("reason", ["manual", "no_survey", "not_sampled"])
def test_decisions_that_no_message_can_change_stay(talk: Talk, talks: Any, sent_at: datetime, reason: str) -> None:
    if reason == "not_sampled":
        done(talk.api.patch("/site", {"rules": {"chat": {"every_nth": 2}}}))
        talks().chat().end()
    talk.chat()
    survey = done(talk.api.get("/surveys"))["surveys"][0]["id"]
    done(talk.api.patch(f"/surveys/{survey}", {"closed": reason == "no_survey"}))
    first = talk.end(ask=reason != "manual")
    assert first["reason"] == reason
    done(talk.api.patch(f"/surveys/{survey}", {"closed": False}))
    talk.say("agent", sent_at=sent_at)
    assert talk.end() == first
    assert len(talk.ledger()) == 1


def test_an_older_segment_is_not_decided_again_after_a_later_decision(talk: Talk, clock: SetClock) -> None:
    sent_at = clock.now()
    clock.forward(minutes=1)
    first_end = clock.now().isoformat()
    talk.say("visitor", sent_at=sent_at)
    talk.end(ended_at=first_end)
    clock.forward(hours=1)
    talk.chat().end()
    talk.say("agent", sent_at=sent_at)
    assert talk.end(ended_at=first_end)["reason"] == "no_person_answered"
    assert talk.statuses() == ["not_asked", "asked"]
