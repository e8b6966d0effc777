"""Backups under load: every copy is intact, has all votes acknowledged before it, and can be served."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

from tests.databases import sqlite_url
from tests.postgres import Postgres
from tests.serve.server import call, wait_until
from tests.serving import UNLIMITED, Product

from .readers import StoredVotes, read_stored, reading
from .record import record

pytestmark = pytest.mark.server
BETWEEN_SECONDS = 0.5
Products = Callable[..., Product]


@pytest.fixture
def products(tmp_path: Path) -> Iterator[Products]:
    products_made: list[Product] = []

    def make(name: str, **settings: object) -> Product:
        products_made.append(Product(tmp_path / name, backup_keep_days=0, **{**UNLIMITED, **settings}))
        return products_made[-1]

    yield make
    for product in products_made:
        product.end()


@contextmanager
def serving(product: Product) -> Iterator[Product]:
    product.started()
    yield product
    assert product.stop() == 0


def file_of(product: Product) -> Path:
    return product.folder / "tilfreds.sqlite3"


def backed_up(product: Product, copy: Path) -> None:
    result = call(product.folder, "backup", str(copy), **database_of(product))
    assert result.returncode == 0, result.stderr


def copied(product: Product, copy: Path) -> None:
    """Copy the file while the server writes to it, which must never be done."""
    shutil.copyfile(file_of(product), copy)


def database_of(product: Product) -> dict[str, str]:
    url = product.environ.get("DATABASE_URL")
    return {"database_url": url} if url else {}


@dataclass(frozen=True)
class Copy:
    """A copy, and the votes acknowledged before it began."""

    path: Path
    revision: str
    acknowledged: set[str]


def copies_under_load(product: Product, folder: Path, count: int, make: Callable[[Product, Path], None]) -> list[Copy]:
    backups = []
    with reading(product) as readers:
        for number in range(count):
            time.sleep(BETWEEN_SECONDS)
            assert wait_until(lambda: readers.acknowledged)
            copy = Copy(folder / f"copy-{number}", readers.revision, set(readers.acknowledged))
            make(product, copy.path)
            backups.append(copy)
    assert readers.refused == {}
    url = database_of(product).get("database_url", sqlite_url(file_of(product)))
    assert read_stored(url, readers.revision).holds(readers.acknowledged)
    assert backups[-1].acknowledged
    return backups


def what_is_in(copy: Copy) -> StoredVotes:
    with closing(sqlite3.connect(copy.path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    return read_stored(sqlite_url(copy.path), copy.revision)


def assert_serves(elsewhere: Product, copy: Path, **database: str) -> None:
    """Check that a restored copy has right counts, answers, and accepts votes."""
    restored = call(elsewhere.folder, "restore", str(copy), **database)
    assert restored.returncode == 0, restored.stderr
    assert call(elsewhere.folder, "check", **database).returncode == 0
    assert elsewhere.started().get("/health/ready") == 200
    with reading(elsewhere, threads=1) as readers:
        assert wait_until(lambda: readers.acknowledged or readers.refused)
    assert readers.acknowledged and readers.refused == {}
    assert elsewhere.stop() == 0


def test_a_backup_under_load_is_whole_and_serves(shared_product: Product, products: Products, tmp_path: Path) -> None:
    (copy,) = copies_under_load(shared_product, tmp_path, 1, backed_up)
    assert what_is_in(copy).holds(copy.acknowledged)
    elsewhere = products("elsewhere")
    # A backup does not contain the server's keys; without their file the restored server is not ready.
    elsewhere.folder.mkdir(parents=True, exist_ok=True)
    shutil.copy2(shared_product.folder / "secret", elsewhere.folder / "secret")
    assert_serves(elsewhere, copy.path)


@pytest.mark.long
def test_a_copied_file_is_found(products: Products, tmp_path: Path) -> None:
    """Check the loss of changes that the last checkpoint had not moved into the file."""
    with serving(products("data")) as product:
        (copy,) = copies_under_load(product, tmp_path, 1, copied)
    assert not is_good(copy)


def is_good(copy: Copy) -> bool:
    try:
        return what_is_in(copy).holds(copy.acknowledged)
    except (sqlite3.DatabaseError, SQLAlchemyError, AssertionError):
        return False


@pytest.mark.postgresql
@pytest.mark.long
def test_a_backup_of_postgresql_under_load_is_whole_and_serves(
    products: Products, tmp_path: Path, postgres: Postgres
) -> None:
    with serving(products("data", database_url=postgres.create("backed_up"), web_workers=2)) as product:
        (copy,) = copies_under_load(product, tmp_path, 1, backed_up)
    url = postgres.create("restored")
    elsewhere = products("elsewhere", database_url=url)
    assert_serves(elsewhere, copy.path, database_url=url)
    assert read_stored(url, copy.revision).holds(copy.acknowledged)


@pytest.mark.long
def test_many_backups_under_load(products: Products, tmp_path: Path) -> None:
    count = 20
    with serving(products("data")) as product:
        copies = copies_under_load(product, tmp_path, count, backed_up)
    for copy in copies:
        assert what_is_in(copy).holds(copy.acknowledged)
    assert_serves(products("elsewhere"), copies[-1].path)
    (tmp_path / "planted").mkdir()
    with serving(products("copied")) as product:
        planted = copies_under_load(product, tmp_path / "planted", count, copied)
    bad = sum(not is_good(copy) for copy in planted)
    assert bad
    record(
        "A13",
        f"{count} backups under {len(copies[-1].acknowledged):,} votes: each whole, with every vote acknowledged before"
        " it and right counts; the last restored elsewhere and served",
        f"the file copied while votes are written: {bad} of {count} copies lack votes or are broken",
    )
