"""PostgreSQL goes away and comes back under load: clients are asked to retry, and every answer is true."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.postgres import Postgres
from tests.serve.server import wait_until
from tests.serving import UNLIMITED, Product

from . import served
from .conftest import Served
from .planted_faults import EARLY_SECONDS
from .races import WORKERS
from .readers import Readers, read_stored, reading
from .record import record

pytestmark = [pytest.mark.server, pytest.mark.postgresql]
LOAD_SECONDS = 0.5
RECOVERY_SECONDS = 10
MAX_TRIES = 20
UNAVAILABLE = 503
Away = Callable[[Postgres], object]
Products = Callable[[str], Product]


@pytest.fixture
def products(durable: Postgres, tmp_path: Path) -> Iterator[Products]:
    products_made: list[Product] = []

    def make(name: str) -> Product:
        url = durable.create(name)
        products_made.append(Product(tmp_path / name, database_url=url, web_workers=2, **UNLIMITED))
        return products_made[-1]

    yield make
    for product in products_made:
        product.end()
        durable.drop(product.folder.name)


def gone_and_back(product: Product, postgres: Postgres, readers: Readers, away: Away) -> float:
    """Take the database away under load, check the answers, and bring it back; return the seconds to recover."""
    time.sleep(LOAD_SECONDS)
    away(postgres)
    try:
        before = readers.refused[UNAVAILABLE]
        assert wait_until(lambda: readers.refused[UNAVAILABLE] > before)
        assert (product.get("/health/ready"), product.get("/health/live")) == (UNAVAILABLE, 200)
        assert readers.stop.is_set() is False
    finally:
        postgres.start()
    began, count = time.monotonic(), len(readers.acknowledged)
    assert wait_until(lambda: product.get("/health/ready") == 200, RECOVERY_SECONDS)
    assert wait_until(lambda: len(readers.acknowledged) > count + 10, RECOVERY_SECONDS)
    return time.monotonic() - began


def workers(product: Product) -> list[int]:
    return product.of("web.py")


def all_are_ready(product: Product) -> bool:
    """Return whether each process answers: with this many requests, none of them is left out."""
    return all(product.get("/health/ready") == 200 for _ in range(10 * WORKERS))


def run(product: Product, postgres: Postgres, ways: list[Away]) -> tuple[Readers, list[float]]:
    same = workers(product)
    with reading(product) as readers:
        seconds = [gone_and_back(product, postgres, readers, away) for away in ways]
    assert workers(product) == same, "it came back by itself, not by a restart"
    return readers, seconds


def assert_true(product: Product, readers: Readers) -> None:
    assert set(readers.refused) == {UNAVAILABLE}
    assert (readers.without_wait, readers.cut) == (0, 0)
    assert read_stored(product.environ["DATABASE_URL"], readers.revision).holds(readers.acknowledged)


def test_a_database_that_goes_and_comes_back(on_postgresql: Served, durable: Postgres) -> None:
    readers, _ = run(on_postgresql.product, durable, [Postgres.stop])
    assert_true(on_postgresql.product, readers)
    assert wait_until(lambda: all_are_ready(on_postgresql.product), RECOVERY_SECONDS)


def answers_early(products: Products, durable: Postgres) -> int:
    """Count the acknowledged votes that a product loses if it answers before its commit, over few crashes."""
    product = products("early")
    served.plant(
        product, product.folder / "plant", "from tests.faults import planted_faults; planted_faults.answer_early(None)"
    )
    product.started()
    lost_count = 0
    with reading(product) as readers:
        for _ in range(MAX_TRIES):
            gone_and_back(product, durable, readers, Postgres.crash)
            acknowledged_ids = set(readers.acknowledged)
            # Votes that were answered early and are still being committed are not lost.
            time.sleep(20 * EARLY_SECONDS)
            lost_count = len(
                acknowledged_ids - set(read_stored(product.environ["DATABASE_URL"], readers.revision).rated)
            )
            if lost_count:
                return lost_count
    return lost_count


@pytest.mark.long
def test_an_early_answer_is_found(products: Products, durable: Postgres) -> None:
    assert answers_early(products, durable)


@pytest.mark.long
def test_a_database_that_goes_and_comes_back_many_times(products: Products, durable: Postgres) -> None:
    product, count = products("often"), 10
    product.started()
    readers, seconds = run(product, durable, [Postgres.stop, Postgres.crash] * count)
    assert product.stop() == 0
    assert_true(product, readers)
    lost_count = answers_early(products, durable)
    assert lost_count
    record(
        "A16",
        f"{2 * count} times stopped or crashed under load: {len(readers.acknowledged):,} votes acknowledged, 0 absent, "
        f"0 doubled; {readers.refused[UNAVAILABLE]:,} answers 503, all with Retry-After; votes again after at most "
        f"{max(seconds):.1f} s without a restart",
        f"an answer before its commit: {lost_count} acknowledged vote(s) absent",
    )
