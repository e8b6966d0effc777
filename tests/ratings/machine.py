"""A state machine of a site: chats continue and end, answers arrive, change and go, in any order.

The model that it is compared with is a few dicts.
"""

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
class Question:
    """A target of votes, with the votes that the model expects."""

    #: A token, or the fields of a subject. Each client has a separate vote on a subject.
    target: Any
    page: Page
    talk: Talk | None = None
    place: int = 0
    names: list[str] = field(default_factory=lambda: [press_id(), press_id()])
    revs: list[int] = field(default_factory=lambda: [0, 0])
    #: (score, comment) of the current answer by client for a subject; only under 0 for a question in a chat.
    answers: dict[int, tuple[int | None, str | None]] = field(default_factory=dict)
    days: dict[int, date] = field(default_factory=dict)

    def owner(self, client: int) -> int:
        """Return the key of this client's vote in `answers` and `days`."""
        return 0 if self.talk else client


@dataclass
class World:
    """The application and the pages that a run of the machine uses."""

    app: Flask
    site_id: UUID
    api: Api
    page: Page
    reader: Page
    clock: SetClock


class Site(RuleBasedStateMachine):
    """A run that checks each response at once, and compares counts, rows and model after each step."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.talks: list[Talk] = []
        subject = {"kind": "article", "subject": f"/{press_id()}"}
        self.questions: list[Question] = [Question(subject, world.reader)]

    def pick_question(self, place: int) -> Question:
        return self.questions[place % len(self.questions)]

    def pick_talk(self, place: int) -> Talk:
        return self.talks[place % len(self.talks)]

    @rule()
    def begin(self) -> None:
        self.talks.append(Talk(self.world.api, self.world.page).chat())

    @precondition(lambda self: self.talks)
    @rule(place=PLACE, author=st.sampled_from(["visitor", "visitor", "agent", "bot", "system"]))
    def say(self, place: int, author: str) -> None:
        self.pick_talk(place).say(author)

    @precondition(lambda self: self.talks)
    @rule(place=PLACE)
    def end(self, place: int) -> None:
        talk = self.pick_talk(place)
        decision = done(talk.page.end(talk.id))
        known_tokens = {question.target for question in self.questions if question.talk}
        if decision["asked"] and decision["token"] not in known_tokens:
            number = max(row["segment"] for row in talk.ledger() if row["status"] != "not_asked")
            self.questions.append(Question(decision["token"], talk.page, talk, number))

    @precondition(lambda self: self.talks)
    @rule(place=PLACE)
    def reopen(self, place: int) -> None:
        talk = self.pick_talk(place)
        assert talk.api.post(f"{talk.path}/reopen").status_code == 200

    @rule(place=PLACE, client=CLIENT, score=SCORES)
    def vote(self, place: int, client: int, score: int) -> None:
        self.submit(self.pick_question(place), client, score, None)

    @rule(place=PLACE, client=CLIENT, score=SCORES)
    def comment(self, place: int, client: int, score: int) -> None:
        question = self.pick_question(place)
        current_score = question.answers.get(question.owner(client), (None, None))[0]
        self.submit(question, client, current_score or score, f"words {press_id()}")

    @rule(place=PLACE, client=CLIENT)
    def remove(self, place: int, client: int) -> None:
        self.submit(self.pick_question(place), client, None, None)

    @rule(place=PLACE, client=CLIENT, score=SCORES)
    def deliver_an_old_submission(self, place: int, client: int, score: int) -> None:
        question = self.pick_question(place)
        if question.revs[client] > 1:
            receipt = done(question.page.vote(question.target, score, id=question.names[client], rev=1, age_ms=99_000))
            assert (receipt["status"], receipt["score"]) == ("ignored", question.answers[question.owner(client)][0])

    @rule(place=PLACE, event=st.sampled_from(["seen", "dismissed"]))
    def report_impression(self, place: int, event: str) -> None:
        question = self.pick_question(place)
        body = {"token": question.target} if question.talk else question.target
        assert question.page.post(event, body).status_code == 204

    @rule(hours=st.sampled_from([0.01, 1, 30, 200]))
    def wait(self, hours: float) -> None:
        self.world.clock.forward(hours=hours)
        for job in JOBS:
            run_once(self.world.app, job)

    def submit(self, question: Question, client: int, score: int | None, comment: str | None) -> None:
        """Press a second later than all presses before, so that this answer is the current one, or is refused."""
        self.world.clock.forward(seconds=1)
        rev = question.revs[client] + 1
        response = question.page.vote(question.target, score, id=question.names[client], rev=rev, comment=comment)
        if response.status_code == 409:
            assert question.talk is not None
            assert response.get_json()["code"] in OVER
            # An answered question is never withdrawn; once it expires, its answer cannot change any more.
            assert not question.answers or response.get_json()["code"] == "expired"
            return
        receipt = done(response)
        assert (receipt["score"], receipt["status"]) == (score, "saved" if score else "removed")
        question.revs[client] = rev
        owner = question.owner(client)
        question.answers[owner] = (score, comment if score else None)
        question.days.setdefault(owner, self.world.clock.now().date())

    @invariant()
    def counts_are_those_of_the_rows(self) -> None:
        assert wrong_counts(self.world.app) == []

    @invariant()
    def rows_are_those_of_the_model(self) -> None:
        expected_votes = [
            (score, comment, question.days[owner])
            for question in self.questions
            for owner, (score, comment) in question.answers.items()
        ]
        stored_votes = [(row.score, row.comment, row.voted_on) for row in self.rows("vote")]
        assert sorted(stored_votes, key=str) == sorted(expected_votes, key=str)
        counted_scores = [score for score, _, _ in expected_votes if score is not None]
        assert sum(row.n for row in self.rows("tally")) == len(counted_scores)

    def rows(self, name: str) -> list[Any]:
        return rows(self.world.app, name, site_id=self.world.site_id)

    def teardown(self) -> None:
        """Compare the transcripts that agents read with the model."""
        for question in self.questions:
            if question.talk and question.answers:
                rating = question.talk.segments()[question.place - 1]["rating"]
                score = rating["answer"] and rating["answer"]["score"]
                assert (score, rating["comment"]) == question.answers[0]
