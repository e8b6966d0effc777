"""A process killed at any moment has stored every vote that it acknowledged, and none twice."""

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

from .concurrency import Findings, Place, ReaderLog, Voter, find, read_log
from .record import record
from .voter import SECRET_KEY, Journal, Reader

LIVES_SECONDS = (0.15, 0.5)
KILLED = -9
READERS = 4


@dataclass(frozen=True)
class Outcome:
    reader_log: ReaderLog
    #: One for each round with errors.
    wrong: list[Findings]


def kill(program: Voter, place: Place, rounds: int, **more: object) -> Outcome:
    """Vote, kill, and restart with the acknowledged votes and those never answered."""
    wrong = []
    so_far = ReaderLog()
    for _ in range(rounds):
        program.prepare(place.job(again=so_far.to_send_again, **more))
        program.go()
        live(place)
        assert program.kill() == KILLED
        so_far = read_log(place.journal)
        if findings := find(place.url, so_far):
            wrong.append(findings)
    assert set(so_far.refused) <= {503}
    assert len(so_far.acknowledged) > rounds
    return Outcome(so_far, wrong)


def live(place: Place) -> None:
    """Wait until two more votes were acknowledged, and a short time after that."""

    def saved() -> int:
        return place.journal.read_text().count(" 200 ") if place.journal.exists() else 0

    before = saved()
    assert wait_until(lambda: saved() > before + 1)
    time.sleep(random.uniform(*LIVES_SECONDS))


def kill_without_loss(program: Voter, place: Place, rounds: int) -> ReaderLog:
    outcome = kill(program, place, rounds)
    assert outcome.wrong == []
    checked = call(place.folder, "check", database_url=place.url, secret_keys=SECRET_KEY.decode())
    assert checked.returncode == 0, checked.stdout + checked.stderr
    return outcome.reader_log


def test_a_killed_process_has_lost_nothing(program: Voter, here: Place) -> None:
    kill_without_loss(program, here, 4)


def test_an_answer_before_the_commit_is_found(program: Voter, here: Place) -> None:
    """Repeat the kill, because it must come between an answer and its commit, which is rare on a busy machine."""
    assert any(findings.lost_count for _ in range(12) for findings in kill(program, here, 1, plant="early").wrong)


class Visitor(Reader):
    """A reader of a server elsewhere, who knows that it is gone when it does not answer."""

    def run(self) -> None:
        with contextlib.suppress(OSError, HTTPException):
            super().run()


def kill_product(product: Product, rounds: int) -> ReaderLog:
    """Kill all processes of a real server, with readers on the network."""
    product.started()
    site = product.make.site()
    revision = str(product.make.survey(site, "article").revision)
    place = Place(product.folder, sqlite_url(product.folder / "tilfreds.sqlite3"), site.key, revision)
    journal = Journal(str(place.journal))
    so_far = ReaderLog()
    for number in range(1, rounds + 1):
        again = so_far.to_send_again
        visitors = [Visitor(product.client, place.job(), journal, again[n::READERS]) for n in range(READERS)]
        for visitor in visitors:
            visitor.start()
        live(place)
        product.kill()
        for visitor in visitors:
            visitor.join()
        so_far = read_log(place.journal)
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
    new_product = Product(tmp_path / "data", **UNLIMITED)
    yield new_product
    new_product.end()


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
    # Missing votes are sent again, so each kill is found separately.
    planted = [
        findings for findings in kill(program, places("planted"), rounds, plant="early").wrong if findings.lost_count
    ]
    assert planted
    record(
        "A6",
        f"{series * rounds} kills, {acknowledged:,} votes acknowledged: 0 lost, 0 doubled, 0 unsound",
        f"answer before the commit: acknowledged votes absent after {len(planted)} of {rounds} kills",
    )
