"""Places for votes, the program that votes there, and servers that tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.databases import copy_of, sqlite_url
from tests.postgres import Postgres, running
from tests.serving import Product

from .concurrency import Place, Voter, place, voter
from .races import FEW, WORKERS, Course, course, questions_for


@pytest.fixture
def places(template_file: Path, tmp_path: Path) -> Callable[[str], Place]:
    """Return a function that creates a place on SQLite in a separate folder."""

    def make(name: str) -> Place:
        folder = tmp_path / name
        folder.mkdir()
        return place(folder, copy_of(template_file, folder))

    return make


@pytest.fixture
def here(places: Callable[[str], Place]) -> Place:
    return places("here")


@pytest.fixture(scope="package")
def shared_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Voter]:
    """Load the program once, because that takes a second of CPU."""
    with voter(tmp_path_factory.mktemp("voter")) as program:
        yield program


@pytest.fixture
def program(shared_program: Voter) -> Iterator[Voter]:
    yield shared_program
    if shared_program.child:
        shared_program.kill()


@pytest.fixture(scope="package")
def durable() -> Iterator[Postgres]:
    """Run a PostgreSQL that waits for its disk as in production. A test that stops it must start it again."""
    with running(durable=True) as server:
        yield server


@dataclass(frozen=True)
class Served:
    """Run a server for tests that neither stop it nor need other settings, with enough questions for races."""

    course: Course
    product: Product


@contextmanager
def serving(folder: Path, url: str, **settings: object) -> Iterator[Served]:
    race_course = course(folder, url, questions_for(FEW))
    product = race_course.product(**settings)
    try:
        product.started()
        yield Served(race_course, product)
        assert product.stop() == 0
    finally:
        product.end()


@pytest.fixture(scope="package")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("on-sqlite")
    with serving(folder, sqlite_url(folder / "tilfreds.sqlite3")) as product:
        yield product


@pytest.fixture(scope="package")
def on_postgresql(durable: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("on-postgresql"), durable.create("served"), web_workers=WORKERS) as product:
        yield product


@pytest.fixture
def shared_product(on_sqlite: Served) -> Product:
    return on_sqlite.product
