"""Who is credited with an answer: by the site's rule, as it was when asking."""

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


def answered(talk: Talk, clock: SetClock, *names: str) -> Talk:
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
    ("rule", "wrote", "closer", "credited"),
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
def test_the_sites_rule_picks_and_nothing_later_changes_it(
    app: Flask, talk: Talk, clock: SetClock, rule: str, wrote: list[str], closer: str | None, credited: list[str]
) -> None:
    check_credit(app, talk, clock, rule, wrote, closer, credited)


@ON_POSTGRESQL
def test_an_answer_counts_for_all_who_are_credited(app: Flask, talk: Talk, clock: SetClock) -> None:
    check_credit(app, talk, clock, "all", ["nora", "emil"], "rita", ["Nora", "Emil", "Rita"])


def check_credit(
    app: Flask, talk: Talk, clock: SetClock, rule: str, wrote: list[str], closer: str | None, credited: list[str]
) -> None:
    done(talk.api.patch("/site", {"credit": rule}))
    answered(talk, clock, *wrote)
    talk.end(**({"closer": closer} if closer else {}))
    done(talk.api.patch("/site", {"credit": "last" if rule == "all" else "all"}))
    talk.vote(talk.ask(), 3)
    assert credit(talk) == credited
    for name in ("Nora", "Emil", "Rita"):
        found = done(talk.api.get(f"/votes?agent={name.lower()}"))["votes"]
        assert len(found) == (name in credited), name
    assert [row.n for row in rows(app, "agent_tally") if row.n] == [1] * len(credited)
    assert wrong_counts(app) == []


def test_all_who_answered_are_still_told_of(talk: Talk, clock: SetClock) -> None:
    done(talk.api.patch("/site", {"credit": "closer"}))
    answered(talk, clock, "nora", "emil").end(closer="emil")
    talk.vote(talk.ask(), 3)
    (segment,) = talk.segments()
    assert (segment["agents"], segment["credited"], segment["credit"]) == (["Nora", "Emil"], ["Emil"], "closer")
    context = talk.ledger()[0]["context"]
    assert ([one["name"] for one in context["credited"]], context["credit"]) == (["Emil"], "closer")


def test_an_unknown_rule_is_refused(talk: Talk) -> None:
    assert done(talk.api.patch("/site", {"credit": "loudest"}), 422)["pointer"] == "/credit"
    assert done(talk.api.get("/site"))["credit"] == "all"


@ON_BOTH
def test_what_was_asked_before_there_were_rules_is_shared(app: Flask, talk: Talk, clock: SetClock) -> None:
    """Questions of older databases hold no credit."""
    answered(talk, clock, "nora", "emil").end()
    with app.app_context():
        invitation = db.session.scalars(select(Invitation)).one()
        invitation.context = {k: v for k, v in invitation.context.items() if k not in ("credit", "credited")}
        db.session.commit()
    talk.vote(talk.ask(), 3)
    assert credit(talk) == ["Nora", "Emil"]
    assert len(done(talk.api.get("/votes?agent=emil"))["votes"]) == 1
    assert wrong_counts(app) == []
