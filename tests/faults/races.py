"""Races for one vote: the requests, and the state that must result in any order of arrival."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import create_engine, select, update

from tests.serving import UNLIMITED, Product
from tests.widget.conftest import press_id
from widget_server import create_app
from widget_server.conversations.service import make_conversation
from widget_server.core import clock, tokens
from widget_server.core.config import Config
from widget_server.invitations.conversation_state import lock_state
from widget_server.invitations.models import Invitation
from widget_server.invitations.service import Ending, end_segment
from widget_server.migrations import run as migrations
from widget_server.ratings.models import Vote
from widget_server.ratings.recount import differences
from widget_server.serve import secret_file
from widget_server.sites.service import create_site, find_site
from widget_server.sites.signatures import invitation_token, site_keys
from widget_server.storage.db import db, table_of
from widget_server.subjects.models import Subject
from widget_server.surveys.models import SurveyRevision
from widget_server.surveys.service import create_survey

from .racer import Press

CLIENTS = 4
#: The races that `make test` runs.
FEW = 100
#: The number of web processes, where there may be several.
WORKERS = 4
FILL_BATCH = 200
VOTE, SUBJECT = table_of(Vote), table_of(Subject)


@dataclass(frozen=True)
class Course:
    """A database that is ready for races: a site, and questions without an answer."""

    folder: Path
    url: str
    key: str
    revisions: dict[str, str]
    #: The token and invitation of each question.
    questions: list[tuple[str, UUID]]

    @property
    def path(self) -> str:
        return f"/w/{self.key}/votes"

    def product(self, **settings: object) -> Product:
        server_settings = {"database_url": self.url, "backup_keep_days": 0, **UNLIMITED}
        return Product(self.folder, **{**server_settings, **settings})


def course(folder: Path, url: str, questions: int) -> Course:
    config = Config(data_dir=folder, database_url=url)
    secret_file.ensure_secret_file(config)
    config = config.with_secrets()
    migrations.upgrade(url)
    app = create_app(config)
    with app.app_context():
        site, _ = create_site(config.secret_keys, name="Races", allowed_origins=["https://shop.example"])
        revisions = {place: create_survey(site, name=place, placement=place)[1].id for place in ("article", "chat_end")}
        keys = site_keys(db.session, config.secret_keys, site.id)
        new_questions = []
        for number in range(questions):
            conversation = make_conversation(site, external_id=f"c{number}")
            invitation = end_segment(site, lock_state(conversation), Ending(source="back_end", proof="back_end"))
            new_questions.append((invitation_token(keys, site.id, invitation.id), invitation.id))
            if number % FILL_BATCH == 0:
                db.session.commit()
        key = find_site(site.id).key
        ask_earlier()
        db.session.commit()
    app.extensions["tilfreds_engines"].dispose()
    return Course(folder, url, key, {place: str(id) for place, id in revisions.items()}, new_questions)


def ask_earlier() -> None:
    """Move all questions back, because a press counts as no earlier than its question."""
    earlier = clock.now() - timedelta(hours=1)
    db.session.execute(update(Invitation).values(decided_at=earlier))
    db.session.execute(update(SurveyRevision).values(created_at=earlier))


@dataclass(frozen=True)
class Race:
    """A race of one of the kinds in `KINDS`, for one question or one article."""

    kind: str
    place: str | UUID
    bodies: list[dict[str, Any]]


#: The same press sent by all; presses of different browsers; changes of mind that overtake one another; and on an
#: article without votes, the same press and presses of different readers.
KINDS = ("same", "browsers", "changes", "article", "readers")


def races_on(course: Course, count: int) -> list[Race]:
    chance = random.Random(count)
    questions = iter(course.questions)
    new_races = []
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        if kind in ("article", "readers"):
            place: str | UUID = f"/race{number}"
            where = {"kind": "article", "subject": place, "revision": course.revisions["article"]}
        else:
            token, place = next(questions)
            where = {"token": token, "revision": course.revisions["chat_end"]}
        bodies = [{**where, **press} for press in presses(kind)]
        chance.shuffle(bodies)
        new_races.append(Race(kind, place, bodies))
    return new_races


def questions_for(count: int) -> int:
    return sum(KINDS[number % len(KINDS)] not in ("article", "readers") for number in range(count))


def presses(kind: str) -> list[dict[str, Any]]:
    """Presses of different browsers are a minute apart, so it is known which is the last."""
    ids = [press_id() for _ in range(CLIENTS)]
    if kind in ("same", "article"):
        return [{"id": ids[0], "rev": 1, "age_ms": 0, "score": 2}] * CLIENTS
    if kind == "changes":
        return [{"id": ids[0], "rev": n + 1, "age_ms": 0, "score": 1 + n % 3} for n in range(CLIENTS)]
    return [{"id": id, "rev": 1, "age_ms": (CLIENTS - 1 - n) * 60_000, "score": 1 + n % 3} for n, id in enumerate(ids)]


@dataclass(frozen=True)
class Row:
    vote: str
    client: str
    rev: int
    score: int


def rows_of(url: str) -> tuple[dict[str | UUID, list[Row]], int]:
    """Return the votes of each question and article, and the number of counts that differ from a recount."""
    votes: dict[str | UUID, list[Row]] = {}
    engine = create_engine(url)
    with engine.connect() as connection:
        query = select(VOTE, SUBJECT.c.subject).select_from(
            VOTE.outerjoin(SUBJECT, (SUBJECT.c.site_id == VOTE.c.site_id) & (SUBJECT.c.id == VOTE.c.subject_id))
        )
        for row in connection.execute(query):
            votes.setdefault(row.subject or row.asked_id, []).append(
                Row(str(row.id), row.client_hash, row.rev, row.score)
            )
        wrong = len(differences(connection))
    engine.dispose()
    return votes, wrong


@dataclass
class Verdict:
    """The errors, each as a number of races."""

    races: int = 0
    doubled: int = 0
    #: No vote, or not the last one.
    wrong: int = 0
    #: Answers above 499, or missing ones.
    failed: int = 0
    #: Receipts that differ from the stored vote.
    untrue: int = 0
    wrong_counts: int = 0

    def __bool__(self) -> bool:
        return any((self.doubled, self.wrong, self.failed, self.untrue, self.wrong_counts))


def judge(races: Sequence[Race], answered: Sequence[Sequence[Press]], url: str) -> Verdict:
    rows, wrong_counts = rows_of(url)
    verdict = Verdict(len(races), wrong_counts=wrong_counts)
    for race, race_answers in zip(races, answered, strict=True):
        stands = rows.get(race.place, [])
        verdict.failed += sum(press.status != 200 for press in race_answers)
        owners = Counter(row.client if race.kind == "readers" else "" for row in stands)
        verdict.doubled += any(n > 1 for n in owners.values())
        last = last_words(race)
        stored_votes = {row.client: (row.rev, row.score) for row in stands}
        verdict.wrong += stored_votes != {tokens.digest(body["id"]): (body["rev"], body["score"]) for body in last}
        verdict.untrue += not all(is_true(press, race, stands) for press in race_answers if press.status == 200)
    return verdict


def last_words(race: Race) -> list[dict[str, Any]]:
    if race.kind == "readers":
        return race.bodies
    return [max(race.bodies, key=order)]


def order(body: dict[str, Any]) -> tuple[int, int]:
    return body["rev"], -body["age_ms"]


def is_true(press: Press, race: Race, stands: Sequence[Row]) -> bool:
    """Return whether a receipt names the stored vote with the pressed score or a later one."""
    receipt, body = press.receipt, press.body
    client = tokens.digest(body["id"])
    if receipt["vote"] not in [row.vote for row in stands if race.kind != "readers" or row.client == client]:
        return False
    if receipt["status"] == "saved":
        return bool(receipt["score"] == body["score"])
    later = {other["score"] for other in race.bodies if order(other) > order(body)}
    return receipt["status"] == "ignored" and race.kind in ("browsers", "changes") and receipt["score"] in later
