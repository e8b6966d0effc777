"""Several processes race for one vote: no row is duplicated, no answer is an error, and every receipt is true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count as numbers
from pathlib import Path

import pytest

from tests.databases import sqlite_url
from tests.postgres import Postgres
from tests.serving import Product

from . import racer, unlocked
from .conftest import Served
from .races import FEW, WORKERS, Course, Verdict, course, judge, questions_for, races_on
from .record import record

pytestmark = pytest.mark.server
DATABASES = ["SQLite", pytest.param("PostgreSQL", marks=pytest.mark.postgresql)]
MANY = 10_000
_names = numbers(1)


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


Courses = Callable[[int], Course]


@pytest.fixture
def courses(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Courses:
    """Return a function that creates a course with enough questions for a number of races."""

    def make(count: int) -> Course:
        name = f"races_{next(_names)}"
        folder = tmp_path / name
        folder.mkdir()
        if database == "SQLite":
            return course(folder, sqlite_url(folder / "tilfreds.sqlite3"), questions_for(count))
        server: Postgres = request.getfixturevalue("durable")
        return course(folder, server.create(name), questions_for(count))

    return make


@contextmanager
def served(course: Course, *, planted: bool = False) -> Iterator[Product]:
    product = course.product(**({} if course.url.startswith("sqlite") else {"web_workers": WORKERS}))
    if planted:
        unlocked.plant(product, course.url, course.folder / "plant")
    try:
        product.started()
        yield product
    finally:
        product.end()


def run(course: Course, count: int, *, planted: bool = False) -> Verdict:
    with served(course, planted=planted) as product:
        return race(course, product, count)


def race(course: Course, product: Product, count: int) -> Verdict:
    races = races_on(course, count)
    answered = racer.race(product.port, course.path, [race.bodies for race in races], course.folder / "race")
    return judge(races, answered, course.url)


def test_races_have_one_winner(database: str, request: pytest.FixtureRequest) -> None:
    shared: Served = request.getfixturevalue(f"on_{database.lower()}")
    assert race(shared.course, shared.product, FEW) == Verdict(FEW)


@pytest.mark.long
def test_races_without_lock_and_constraint_are_found(courses: Courses) -> None:
    """Check that the test finds duplicated rows, wrong counts, and receipts of votes that are not stored."""
    findings = run(courses(FEW), FEW, planted=True)
    assert findings.doubled > FEW // 20, findings
    assert findings.untrue or findings.wrong


@pytest.mark.long
def test_ten_thousand_races(courses: Courses, database: str) -> None:
    verdict = run(courses(MANY), MANY)
    assert verdict == Verdict(MANY)
    planted = run(courses(FEW), FEW, planted=True)
    assert planted.doubled
    where = "one server" if database == "SQLite" else f"{WORKERS} web processes"
    record(
        f"A3, {database}",
        f"{MANY:,} races of 4 client processes against {where}: 0 rows doubled, 0 answers above 499, 0 untrue receipts",
        f"no transaction and no unique constraint: rows doubled in {planted.doubled} of {FEW} races",
    )
