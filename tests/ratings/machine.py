"""A site that lives: talks go on and end, answers come, change and go, in any order. The model is a few dicts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from widget_server.jobs.loop import run_once
from widget_server.jobs.schedule import JOBS

from ..back_end import Api
from ..conversations.rows import rows, wrong_counts
from ..conversations.talk import Talk, done
from ..frozen_clock import SetClock
from ..widget.conftest import Page, press_id

SCORES = st.sampled_from([1, 2, 3])
PLACE = st.integers(0, 9)
CLIENT = st.integers(0, 1)
OVER = ("withdrawn", "expired")


@dataclass
class Asked:
    """A target of votes, and what the model says of it."""

    #: A token, or the fields of a subject; of a subject each client has a vote of its own.
    target: Any
    page: Page
    talk: Talk | None = None
    place: int = 0
    names: list[str] = field(default_factory=lambda: [press_id(), press_id()])
    revs: list[int] = field(default_factory=lambda: [0, 0])
    #: By client for a subject, all under 0 for a question: (score, comment).
    stands: dict[int, tuple[int | None, str | None]] = field(default_factory=dict)
    days: dict[int, date] = field(default_factory=dict)

    def owner(self, client: int) -> int:
        return 0 if self.talk else client


@dataclass
class World:
    app: Flask
    site_id: UUID
    api: Api
    page: Page
    reader: Page
    clock: SetClock


class Site(RuleBasedStateMachine):
    """Every answer is checked at once; counts, rows and model are compared after every step."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.talks: list[Talk] = []
        subject = {"kind": "article", "subject": f"/{press_id()}"}
        self.asked: list[Asked] = [Asked(subject, world.reader)]

    def pick(self, place: int) -> Asked:
        return self.asked[place % len(self.asked)]

    def talk(self, place: int) -> Talk:
        return self.talks[place % len(self.talks)]

    @rule()
    def begin(self) -> None:
        self.talks.append(Talk(self.world.api, self.world.page).chat())

    @precondition(lambda self: self.talks)
    @rule(place=PLACE, author=st.sampled_from(["visitor", "visitor", "agent", "bot", "system"]))
    def say(self, place: int, author: str) -> None:
        self.talk(place).say(author)

    @precondition(lambda self: self.talks)
    @rule(place=PLACE)
    def end(self, place: int) -> None:
        talk = self.talk(place)
        answer = done(talk.page.end(talk.id))
        known = {asked.target for asked in self.asked if asked.talk}
        if answer["asked"] and answer["token"] not in known:
            number = max(row["segment"] for row in talk.ledger() if row["status"] != "not_asked")
            self.asked.append(Asked(answer["token"], talk.page, talk, number))

    @precondition(lambda self: self.talks)
    @rule(place=PLACE)
    def reopen(self, place: int) -> None:
        talk = self.talk(place)
        is_open = talk.segments()[-1]["ended_at"] is None
        assert talk.api.post(f"{talk.path}/reopen").status_code == (409 if is_open else 200)

    @rule(place=PLACE, client=CLIENT, score=SCORES)
    def vote(self, place: int, client: int, score: int) -> None:
        self.save(self.pick(place), client, score, None)

    @rule(place=PLACE, client=CLIENT, score=SCORES)
    def comment(self, place: int, client: int, score: int) -> None:
        asked = self.pick(place)
        status = asked.stands.get(asked.owner(client), (None, None))[0]
        self.save(asked, client, status or score, f"words {press_id()}")

    @rule(place=PLACE, client=CLIENT)
    def remove(self, place: int, client: int) -> None:
        self.save(self.pick(place), client, None, None)

    @rule(place=PLACE, client=CLIENT, score=SCORES)
    def deliver_an_old_save(self, place: int, client: int, score: int) -> None:
        asked = self.pick(place)
        if asked.revs[client] > 1:
            receipt = done(asked.page.vote(asked.target, score, id=asked.names[client], rev=1, age_ms=99_000))
            assert (receipt["status"], receipt["score"]) == ("ignored", asked.stands[asked.owner(client)][0])

    @rule(place=PLACE, mark=st.sampled_from(["seen", "dismissed"]))
    def mark(self, place: int, mark: str) -> None:
        asked = self.pick(place)
        body = {"token": asked.target} if asked.talk else asked.target
        assert asked.page.post(mark, body).status_code == 204

    @rule(hours=st.sampled_from([0.01, 1, 30, 200]))
    def wait(self, hours: float) -> None:
        self.world.clock.forward(hours=hours)
        for job in JOBS:
            run_once(self.world.app, job)

    def save(self, asked: Asked, client: int, score: int | None, comment: str | None) -> None:
        """Press a second later than all before, so that this press stands unless its question is over."""
        self.world.clock.forward(seconds=1)
        rev = asked.revs[client] + 1
        answer = asked.page.vote(asked.target, score, id=asked.names[client], rev=rev, comment=comment)
        if answer.status_code == 409:
            assert asked.talk is not None
            assert answer.get_json()["code"] in OVER
            # A question that was answered is never withdrawn; after its time its answer is settled.
            assert not asked.stands or answer.get_json()["code"] == "expired"
            return
        receipt = done(answer)
        assert (receipt["score"], receipt["status"]) == (score, "saved" if score else "removed")
        asked.revs[client] = rev
        owner = asked.owner(client)
        asked.stands[owner] = (score, comment if score else None)
        asked.days.setdefault(owner, self.world.clock.now().date())

    @invariant()
    def counts_are_those_of_the_rows(self) -> None:
        assert wrong_counts(self.world.app) == []

    @invariant()
    def rows_are_those_of_the_model(self) -> None:
        wanted = [
            (score, comment, asked.days[owner])
            for asked in self.asked
            for owner, (score, comment) in asked.stands.items()
        ]
        found = [(row.score, row.comment, row.voted_on) for row in self.rows("vote")]
        assert sorted(found, key=str) == sorted(wanted, key=str)
        counted = [score for score, _, _ in wanted if score is not None]
        assert sum(row.n for row in self.rows("tally")) == len(counted)

    def rows(self, name: str) -> list[Any]:
        return rows(self.world.app, name, site_id=self.world.site_id)

    def teardown(self) -> None:
        """What agents read is the model's, too."""
        for asked in self.asked:
            if asked.talk and asked.stands:
                rating = asked.talk.segments()[asked.place - 1]["rating"]
                score = rating["answer"] and rating["answer"]["score"]
                assert (score, rating["comment"]) == asked.stands[0]
