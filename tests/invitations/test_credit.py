"""The agents credited with an answer, by the site's rule when asking."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conversations.rows import rows, wrong_counts
from tests.conversations.talk import Talk, done
from tests.databases import ON_BOTH, ON_POSTGRESQL
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from widget_server.invitations.models import Invitation
from widget_server.storage.db import db


@pytest.fixture(autouse=True)
def agents(make: Make, site: MadeSite) -> None:
    for name in ("Nora", "Emil", "Rita"):
        make.agent(site, name.lower(), name)


def chat_with(talk: Talk, clock: SetClock, *names: str) -> Talk:
    talk.say("visitor")
    for name in names:
        clock.forward(seconds=1)
        talk.say("agent", agent=name, sent_at=clock.now())
    return talk


def credit(talk: Talk) -> list[str]:
    (segment,) = talk.segments()
    assert segment["credited"] == done(talk.api.get("/votes"))["votes"][0]["agents"]
    return list(segment["credited"])


@pytest.mark.parametrize(
    ("rule", "writers", "closer", "credited_names"),
    [
        ("all", ["nora", "emil"], None, ["Nora", "Emil"]),
        ("all", ["nora", "emil"], "rita", ["Nora", "Emil", "Rita"]),
        ("closer", ["nora", "emil"], "nora", ["Nora"]),
        ("closer", ["nora", "emil"], "rita", ["Rita"]),
        ("closer", ["nora", "emil", "nora"], None, ["Nora"]),
        ("last", ["nora", "emil"], "nora", ["Emil"]),
        ("last", ["emil", "nora"], "rita", ["Nora"]),
        ("last", ["nora"], "rita", ["Nora"]),
        ("last", ["nora"], None, ["Nora"]),
    ],
)
def test_the_sites_rule_credits_agents_and_nothing_later_changes_it(
    app: Flask,
    talk: Talk,
    clock: SetClock,
    rule: str,
    writers: list[str],
    closer: str | None,
    credited_names: list[str],
) -> None:
    check_credit(app, talk, clock, rule, writers, closer, credited_names)


@ON_POSTGRESQL
def test_an_answer_counts_for_all_credited_agents(app: Flask, talk: Talk, clock: SetClock) -> None:
    check_credit(app, talk, clock, "all", ["nora", "emil"], "rita", ["Nora", "Emil", "Rita"])


def check_credit(
    app: Flask,
    talk: Talk,
    clock: SetClock,
    rule: str,
    writers: list[str],
    closer: str | None,
    credited_names: list[str],
) -> None:
    done(talk.api.patch("/site", {"credit": rule}))
    chat_with(talk, clock, *writers)
    talk.end(**({"closer": closer} if closer else {}))
    done(talk.api.patch("/site", {"credit": "last" if rule == "all" else "all"}))
    talk.vote(talk.ask(), 3)
    assert credit(talk) == credited_names
    for name in ("Nora", "Emil", "Rita"):
        votes = done(talk.api.get(f"/votes?agent={name.lower()}"))["votes"]
        assert len(votes) == (name in credited_names), name
    assert [row.n for row in rows(app, "agent_tally") if row.n] == [1] * len(credited_names)
    assert wrong_counts(app) == []


def test_all_agents_who_answered_are_returned(talk: Talk, clock: SetClock) -> None:
    done(talk.api.patch("/site", {"credit": "closer"}))
    chat_with(talk, clock, "nora", "emil").end(closer="emil")
    talk.vote(talk.ask(), 3)
    (segment,) = talk.segments()
    assert (segment["agents"], segment["credited"], segment["credit"]) == (["Nora", "Emil"], ["Emil"], "closer")
    context = talk.ledger()[0]["context"]
    assert ([agent["name"] for agent in context["credited"]], context["credit"]) == (["Emil"], "closer")


def test_an_unknown_rule_is_rejected(talk: Talk) -> None:
    assert done(talk.api.patch("/site", {"credit": "loudest"}), 422)["pointer"] == "/credit"
    assert done(talk.api.get("/site"))["credit"] == "all"


@ON_BOTH
def test_an_invitation_from_before_the_rules_credits_all_agents(app: Flask, talk: Talk, clock: SetClock) -> None:
    """Expect it of invitations of older databases, whose context has no credit."""
    chat_with(talk, clock, "nora", "emil").end()
    with app.app_context():
        invitation = db.session.scalars(select(Invitation)).one()
        invitation.context = {k: v for k, v in invitation.context.items() if k not in ("credit", "credited")}
        db.session.commit()
    talk.vote(talk.ask(), 3)
    assert credit(talk) == ["Nora", "Emil"]
    assert len(done(talk.api.get("/votes?agent=emil"))["votes"]) == 1
    assert wrong_counts(app) == []
