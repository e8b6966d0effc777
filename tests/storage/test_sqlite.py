"""The two engines of SQLite: one connection with durable writes, and readers that neither write nor checkpoint."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError

from tests.databases import copy_of, sqlite_url
from tests.storage.site_rows import add_site
from widget_server.migrations import run
from widget_server.storage.engines import Engines, make_engines

OFF, ON, FULL = 0, 1, 2
READERS = 4


@pytest.fixture
def path(template_file: Path, tmp_path: Path) -> Path:
    copy_of(template_file, tmp_path)
    return tmp_path / "tilfreds.sqlite3"


@pytest.fixture
def engines(path: Path) -> Iterator[Engines]:
    engine_pair = make_engines(sqlite_url(path), pool_size=READERS)
    yield engine_pair
    engine_pair.dispose()


def read_pragma(engine: Engine, name: str) -> object:
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


def write_site(engine: Engine, name: str = "Shop") -> None:
    with engine.begin() as connection:
        add_site(connection, name)


def site_names(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT name FROM site ORDER BY name")).scalars())


def test_the_writer_is_durable_and_overwrites_deleted_rows(engines: Engines) -> None:
    assert read_pragma(engines.write, "journal_mode") == "wal"
    assert read_pragma(engines.write, "synchronous") == FULL
    assert read_pragma(engines.write, "foreign_keys") == ON
    assert read_pragma(engines.write, "secure_delete") == ON


def test_no_reader_writes_or_checkpoints(engines: Engines) -> None:
    """A commit during another connection's checkpoint corrupts files with SQLite 3.7.0 to 3.51.2."""
    readers = [engines.read.connect() for _ in range(READERS)]
    for reader in readers:
        assert reader.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar_one() == OFF
        assert reader.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == ON
        with pytest.raises(OperationalError, match="readonly database"):
            reader.execute(text("DELETE FROM site"))
        with pytest.raises(OperationalError, match="readonly database"):
            reader.exec_driver_sql("CREATE TABLE more (id INTEGER)")
        reader.close()


def test_the_live_process_has_no_connection_that_writes(path: Path) -> None:
    engines = make_engines(sqlite_url(path), read_only=True)
    with pytest.raises(OperationalError, match="readonly database"):
        write_site(engines.write)
    engines.dispose()


def test_the_last_reader_leaves_the_log_to_the_writer(path: Path) -> None:
    """Closing the last connection of a file checkpoints it, unless that connection is read-only."""
    engines = make_engines(sqlite_url(path))
    write_site(engines.write)
    log = path.with_name(f"{path.name}-wal")
    assert site_names(engines.read) == ["Shop"]
    reader = engines.read.connect()
    engines.write.dispose()
    log_size = log.stat().st_size
    assert log_size > 0
    reader.close()
    engines.dispose()
    assert log.stat().st_size == log_size
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM site").fetchone() == (1,)


def test_a_reader_sees_committed_rows_during_a_write(engines: Engines) -> None:
    write_site(engines.write, "a")
    with engines.write.begin() as writer:
        writer.execute(text("UPDATE site SET name = 'b'"))
        assert site_names(engines.read) == ["a"]
    assert site_names(engines.read) == ["b"]


def test_a_writing_transaction_takes_the_lock_at_its_start(engines: Engines, path: Path) -> None:
    """A lock taken at the first write would fail at once if another connection wrote in between."""
    with (
        engines.write.begin(),
        closing(sqlite3.connect(path, timeout=0)) as other,
        pytest.raises(sqlite3.OperationalError, match="database is locked"),
    ):
        other.execute("BEGIN IMMEDIATE")


def test_there_is_one_writing_connection(engines: Engines) -> None:
    """Writers of one process wait for each other in the pool instead of polling the file."""
    new_connections: list[object] = []
    event.listen(engines.write, "connect", lambda connection, record: new_connections.append(connection))
    threads = [threading.Thread(target=write_site, args=(engines.write, f"s{n}")) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(site_names(engines.read)) == 8
    assert len(new_connections) == 1


def test_foreign_keys_are_enforced(engines: Engines) -> None:
    with pytest.raises(Exception, match="FOREIGN KEY constraint failed"), engines.write.begin() as connection:
        connection.execute(
            text("INSERT INTO visitor (site_id, id, external_id, verified_at, created_at) VALUES ('x', 'y', 'z', 0, 0)")
        )


def test_deleted_text_is_gone_from_the_files(path: Path) -> None:
    """After a checkpoint no file contains a byte of the deleted text."""
    secret = "the words of a person who asked to be forgotten " * 40
    engines = make_engines(sqlite_url(path))
    write_site(engines.write, secret)
    write_site(engines.write, "kept")
    engines.dispose()
    assert secret.encode()[:40] in path.read_bytes()
    engines = make_engines(sqlite_url(path))
    with engines.write.begin() as connection:
        connection.execute(text("DELETE FROM site WHERE name <> 'kept'"))
    engines.dispose()
    assert site_names(make_engines(sqlite_url(path), read_only=True).read) == ["kept"]
    assert all(secret.encode()[:40] not in file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


@pytest.mark.parametrize("folder", ["with space", "mit Umlaut ä"])
def test_a_folder_may_have_any_name(tmp_path: Path, folder: str) -> None:
    """All ways to open a database open the same file."""
    (tmp_path / folder).mkdir()
    path = tmp_path / folder / "tilfreds.sqlite3"
    url = sqlite_url(path)
    run.upgrade(url)
    engines = make_engines(url)
    write_site(engines.write)
    assert site_names(engines.read) == ["Shop"]
    assert run.current_revision(url) == run.newest_revision()
    engines.dispose()
    assert [path.name for path in tmp_path.iterdir()] == [folder]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM site").fetchone() == (1,)


@pytest.mark.slow
def test_a_commit_survives_the_death_of_its_process(path: Path) -> None:
    program = (
        "import os, sys\n"
        "from tests.storage.test_sqlite import write_site\n"
        "from widget_server.storage.engines import make_engines\n"
        "write_site(make_engines(sys.argv[1]).write)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    command = [sys.executable, "-c", program, sqlite_url(path)]
    process = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert process.returncode == -9, process.stderr
    engines = make_engines(sqlite_url(path))
    assert site_names(engines.read) == ["Shop"]
    assert read_pragma(engines.read, "integrity_check") == "ok"
    engines.dispose()
