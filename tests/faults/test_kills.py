"""A process that is killed at any moment has kept every vote that it acknowledged, and none twice."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.databases import sqlite_url
from tests.serve.server import call, wait_until
from tests.serving import UNLIMITED, Product

from .concurrency import Findings, Place, Told, Voter, find, told
from .record import record
from .voter import Journal, Reader

LIVES_SECONDS = (0.15, 0.5)
KILLED = -9
READERS = 4


@dataclass(frozen=True)
class Outcome:
    told: Told
    #: One for each round after which something was wrong.
    wrong: list[Findings]


def kill(program: Voter, place: Place, rounds: int, **more: object) -> Outcome:
    """Vote, be killed, begin again with what was last acknowledged and what was never answered."""
    wrong = []
    so_far = Told()
    for _ in range(rounds):
        program.prepare(place.job(again=so_far.to_send_again, **more))
        program.go()
        live(place)
        assert program.kill() == KILLED
        so_far = told(place.journal)
        if found := find(place.url, so_far):
            wrong.append(found)
    assert set(so_far.refused) <= {503}
    assert len(so_far.acknowledged) > rounds
    return Outcome(so_far, wrong)


def live(place: Place) -> None:
    """Until two more votes were acknowledged, however long a busy machine takes, and to some moment soon after."""

    def saved() -> int:
        return place.journal.read_text().count(" 200 ") if place.journal.exists() else 0

    before = saved()
    assert wait_until(lambda: saved() > before + 1)
    time.sleep(random.uniform(*LIVES_SECONDS))


def kill_without_loss(program: Voter, place: Place, rounds: int) -> Told:
    outcome = kill(program, place, rounds)
    assert outcome.wrong == []
    checked = call(place.folder, "check", database_url=place.url)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    return outcome.told


def test_a_killed_process_has_lost_nothing(program: Voter, here: Place) -> None:
    kill_without_loss(program, here, 4)


def test_an_answer_before_the_commit_is_found(program: Voter, here: Place) -> None:
    """A kill must come between an answer and its commit, which a few do not on a machine that does much else."""
    assert any(found.lost for _ in range(12) for found in kill(program, here, 1, plant="early").wrong)


class Visitor(Reader):
    """A reader of a server somewhere else, who knows that it is gone when nobody answers."""

    def run(self) -> None:
        with contextlib.suppress(OSError, HTTPException):
            super().run()


def kill_product(product: Product, rounds: int) -> Told:
    """The same with all processes of a real server, and readers on the network."""
    product.started()
    site = product.make.site()
    revision = str(product.make.survey(site, "article").revision)
    place = Place(product.folder, sqlite_url(product.folder / "tilfreds.sqlite3"), site.key, revision)
    journal = Journal(str(place.journal))
    so_far = Told()
    for number in range(1, rounds + 1):
        again = so_far.to_send_again
        visitors = [Visitor(product.client, place.job(), journal, again[n::READERS]) for n in range(READERS)]
        for visitor in visitors:
            visitor.start()
        live(place)
        product.kill()
        for visitor in visitors:
            visitor.join()
        so_far = told(place.journal)
        assert not find(place.url, so_far)
        if number < rounds:
            product.started()
    assert set(so_far.refused) <= {503}
    assert len(so_far.acknowledged) > rounds
    checked = call(place.folder, "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    return so_far


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    made = Product(tmp_path / "data", **UNLIMITED)
    yield made
    made.end()


@pytest.mark.server
def test_a_killed_server_has_lost_nothing(product: Product) -> None:
    kill_product(product, 2)


@pytest.mark.server
@pytest.mark.long
def test_many_kills_of_a_server(product: Product) -> None:
    rounds = 20
    acknowledged = len(kill_product(product, rounds).acknowledged)
    record(
        "A6, the whole server",
        f"{rounds} kills of all its processes, {acknowledged:,} votes acknowledged: 0 lost, 0 doubled, 0 unsound",
        "that of the row above: what is stored is judged by the same function",
    )


@pytest.mark.long
def test_many_kills(program: Voter, places: Callable[[str], Place]) -> None:
    series, rounds = 10, 20
    acknowledged = 0
    for number in range(series):
        acknowledged += len(kill_without_loss(program, places(f"sound-{number}"), rounds).acknowledged)
    # What is missed is sent again, so each kill is found anew.
    planted = [found for found in kill(program, places("planted"), rounds, plant="early").wrong if found.lost]
    assert planted
    record(
        "A6",
        f"{series * rounds} kills, {acknowledged:,} votes acknowledged: 0 lost, 0 doubled, 0 unsound",
        f"answer before the commit: acknowledged votes absent after {len(planted)} of {rounds} kills",
    )
