"""Restores of backups."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.databases import ON_BOTH, ON_POSTGRESQL
from tests.factories import Make
from widget_server.backup import copies, postgresql
from widget_server.backup.restore import restore_backup
from widget_server.core.config import Config
from widget_server.core.errors import CommandError
from widget_server.events.outbox_reader import START, Position, find_newest_position, is_held_back, is_kept
from widget_server.migrations import run
from widget_server.ratings import recount
from widget_server.storage import file_lock
from widget_server.storage.db import engines
from widget_server.storage.engines import make_unpooled_engine

from .copies import changing, connect, rows
from .server import wait_until


def expected_counts(config: Config, counts: dict[str, int]) -> dict[str, int]:
    """Return the expected counts after a restore: on PostgreSQL the outbox is empty."""
    return counts if config.is_sqlite else {**counts, "event": 0}


def beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


@ON_BOTH
def test_a_restored_copy_is_what_was_copied(filled: Config, tmp_path: Path) -> None:
    before = rows(filled)
    copies.make_copy(filled, tmp_path / "copy")
    with changing(filled) as committed:
        assert wait_until(lambda: committed)
    changed = rows(filled)
    assert changed != before
    restored = restore_backup(filled, tmp_path / "copy")
    assert restored.counts == rows(filled) == expected_counts(filled, before)
    assert restored.replaced_path is not None
    again = restore_backup(filled, restored.replaced_path)
    assert again.counts == rows(filled) == expected_counts(filled, changed)


def test_a_restore_keeps_symbolic_links(filled: Config, tmp_path: Path) -> None:
    """The database may be a link to a file on another disk."""
    elsewhere = tmp_path / "other disk" / "ratings.sqlite3"
    elsewhere.parent.mkdir()
    shutil.move(filled.sqlite_path, elsewhere)
    filled.sqlite_path.symlink_to(elsewhere)
    before = rows(filled)
    copies.make_copy(filled, tmp_path / "copy")
    with changing(filled) as committed:
        assert wait_until(lambda: committed)
    restored = restore_backup(filled, tmp_path / "copy")
    assert filled.sqlite_path.is_symlink() and filled.sqlite_path.resolve() == elsewhere
    assert rows(filled) == before
    assert restored.replaced_path is not None and not restored.replaced_path.is_symlink()


@ON_BOTH
def test_the_stored_counts_are_right_after_a_restore(filled: Config, app: Flask, tmp_path: Path) -> None:
    copies.make_copy(filled, tmp_path / "copy")
    restore_backup(filled, tmp_path / "copy")
    with app.app_context(), engines().read.connect() as connection:
        assert recount.differences(connection) == []
    app.extensions["tilfreds_engines"].dispose()


def test_into_an_empty_folder(filled: Config, tmp_path: Path) -> None:
    before = rows(filled)
    copies.make_copy(filled, tmp_path / "copy")
    empty = Config(data_dir=tmp_path / "elsewhere", secret_keys=filled.secret_keys)
    restored = restore_backup(empty, tmp_path / "copy")
    assert (restored.counts, restored.replaced_path) == (before, None)
    assert rows(empty) == before


@ON_POSTGRESQL
def test_in_another_cluster_streams_start_over(filled: Config, tmp_path: Path) -> None:
    """Check that the outbox is emptied, because another cluster numbers its transactions from the start.

    Old events would count as those of a running transaction, and old positions as future ones.
    """
    with closing(connect(filled)) as connection:
        connection.execute("UPDATE event SET xid = xid + 1000000000")
        connection.commit()
        place = last_place(connection)
    copies.make_copy(filled, tmp_path / "copy")
    restored = restore_backup(filled, tmp_path / "copy")
    assert (restored.counts["event"], restored.counts["segment"]) == (0, 3)
    engine = make_unpooled_engine(filled.database_url)
    with engine.connect() as reader:
        assert not is_held_back(reader, find_newest_position(reader))
        assert not is_kept(reader, place)
        assert find_newest_position(reader) == START < place


def last_place(connection: Any) -> Position:
    return Position(*connection.execute("SELECT xid, id FROM event ORDER BY xid DESC, id DESC LIMIT 1").fetchone())


@ON_BOTH
def test_erasures_are_repeated(app: Flask, config: Config, make: Make, tmp_path: Path) -> None:
    site = make.site()
    make.survey(site)
    talk = make.chat(site, visitor="ann", customer_reference="ann@shop.example")
    make.chat(site, visitor="bob", customer_reference="bob@shop.example")
    app.extensions["tilfreds_engines"].dispose()
    copies.make_copy(config, tmp_path / "copy")
    assert make.back_end(site).post("/visitors/ann/erase").status_code == 200
    app.extensions["tilfreds_engines"].dispose()
    restored = restore_backup(config, tmp_path / "copy")
    assert restored.erased_count == 1
    assert make.back_end(site).get(f"/conversations/{talk}").status_code == 404
    app.extensions["tilfreds_engines"].dispose()
    stored_rows = everything(config)
    assert "bob@shop.example" in stored_rows and "ann@shop.example" not in stored_rows


@ON_BOTH
def test_visitors_who_returned_are_not_erased_again(app: Flask, config: Config, make: Make, tmp_path: Path) -> None:
    """Check that only data from before an erasure is erased in a backup; later data of the visitor stays."""
    site = make.site()
    make.survey(site)
    make.chat(site, visitor="ann", customer_reference="first@shop.example")
    app.extensions["tilfreds_engines"].dispose()
    copies.make_copy(config, tmp_path / "before")
    assert make.back_end(site).post("/visitors/ann/erase").status_code == 200
    again = make.chat(site, visitor="ann", customer_reference="again@shop.example")
    app.extensions["tilfreds_engines"].dispose()
    copies.make_copy(config, tmp_path / "after")
    assert restore_backup(config, tmp_path / "after").erased_count == 0
    assert make.back_end(site).get(f"/conversations/{again}").get_json()["visitor"] == "ann"
    app.extensions["tilfreds_engines"].dispose()
    assert "again@shop.example" in everything(config)
    assert restore_backup(config, tmp_path / "before").erased_count == 1
    assert "first@shop.example" not in everything(config)


@ON_BOTH
def test_the_last_erasure_of_a_visitor_counts(app: Flask, config: Config, make: Make, tmp_path: Path) -> None:
    site = make.site()
    for name in ("first", "second"):
        make.chat(site, visitor="ann", customer_reference=f"{name}@shop.example")
        app.extensions["tilfreds_engines"].dispose()
        copies.make_copy(config, tmp_path / name)
        assert make.back_end(site).post("/visitors/ann/erase").status_code == 200
    app.extensions["tilfreds_engines"].dispose()
    for name in ("first", "second"):
        assert restore_backup(config, tmp_path / name).erased_count == 1
        assert "@shop.example" not in everything(config)


def everything(config: Config) -> str:
    with closing(connect(config)) as connection:
        return str(connection.execute("SELECT * FROM conversation").fetchall())


@ON_BOTH
def test_an_invalid_backup_changes_nothing(filled: Config, tmp_path: Path) -> None:
    before = rows(filled)
    (tmp_path / "letter").write_text("no database, just words\n" * 100)
    with pytest.raises(CommandError):
        restore_backup(filled, tmp_path / "letter")
    with pytest.raises(CommandError, match="no backup at"):
        restore_backup(filled, tmp_path / "absent")
    assert rows(filled) == before


def test_a_damaged_copy_is_rejected(filled: Config, tmp_path: Path) -> None:
    before = rows(filled)
    copies.make_copy(filled, tmp_path / "copy")
    content = bytearray((tmp_path / "copy").read_bytes())
    content[8192:24576] = os.urandom(16384)
    (tmp_path / "copy").write_bytes(content)
    with pytest.raises(CommandError):
        restore_backup(filled, tmp_path / "copy")
    assert rows(filled) == before


def test_a_copy_of_a_newer_version_is_rejected(filled: Config, tmp_path: Path) -> None:
    copies.make_copy(filled, tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from_the_future'")
        connection.commit()
    with pytest.raises(CommandError, match="newer"):
        restore_backup(filled, tmp_path / "copy")
    assert run.current_revision(filled.database_url) == run.newest_revision()


@ON_BOTH
def test_not_under_a_running_server(filled: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "LEAVING_SECONDS", 0.2)
    copies.make_copy(filled, tmp_path / "copy")
    if filled.is_sqlite:
        with file_lock.write_access(filled), pytest.raises(CommandError, match="held by"):
            restore_backup(filled, tmp_path / "copy")
    else:
        with closing(connect(filled)), pytest.raises(CommandError, match="1 other connections"):
            restore_backup(filled, tmp_path / "copy")


def leave_log(config: Config) -> bytes:
    """Leave the log of a change that deleted every message beside the file, as a killed process does."""
    log = beside(config.sqlite_path, "-wal")
    with closing(sqlite3.connect(config.sqlite_path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("DELETE FROM message")
        connection.commit()
        content = log.read_bytes()
    log.write_bytes(content)
    return content


@pytest.mark.parametrize("damage", [b"", b"\0" * 4096, b"words, and no database"], ids=["empty", "zeros", "words"])
def test_in_place_of_a_damaged_file(filled: Config, tmp_path: Path, damage: bytes) -> None:
    """Check that the damaged file is kept with its log, for later recovery."""
    before = rows(filled)
    copies.make_copy(filled, tmp_path / "copy")
    log = leave_log(filled)
    filled.sqlite_path.write_bytes(damage)
    restored = restore_backup(filled, tmp_path / "copy")
    assert restored.counts == rows(filled) == before
    assert restored.replaced_path is not None
    assert (restored.replaced_path.read_bytes(), beside(restored.replaced_path, "-wal").read_bytes()) == (damage, log)
    assert not beside(filled.sqlite_path, "-wal").exists()


def test_in_place_of_a_file_with_a_damaged_page(filled: Config, tmp_path: Path) -> None:
    before = rows(filled)
    copies.make_copy(filled, tmp_path / "copy")
    content = bytearray(filled.sqlite_path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    filled.sqlite_path.write_bytes(content)
    assert restore_backup(filled, tmp_path / "copy").counts == rows(filled) == before


def test_the_log_of_a_missing_file_is_not_applied_to_the_copy(filled: Config, tmp_path: Path) -> None:
    before = rows(filled)
    copies.make_copy(filled, tmp_path / "copy")
    log = leave_log(filled)
    shutil.move(filled.sqlite_path, tmp_path / "bad")
    restored = restore_backup(filled, tmp_path / "copy")
    assert restored.counts == rows(filled) == before
    assert restored.replaced_path is not None and restored.replaced_path.name.endswith("-wal")
    assert restored.replaced_path.read_bytes() == log
    again = restore_backup(filled, tmp_path / "copy")
    assert again.replaced_path is not None and not beside(again.replaced_path, "-wal").exists()


def test_the_log_of_an_intact_file_is_kept_within_it(filled: Config, tmp_path: Path) -> None:
    copies.make_copy(filled, tmp_path / "copy")
    log = beside(filled.sqlite_path, "-wal")
    with closing(sqlite3.connect(filled.sqlite_path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        content = filled.sqlite_path.read_bytes()
        connection.execute("DELETE FROM message")
        connection.commit()
        log_bytes = log.read_bytes()
    filled.sqlite_path.write_bytes(content)
    log.write_bytes(log_bytes)
    restored = restore_backup(filled, tmp_path / "copy")
    assert rows(filled)["message"] == restored.counts["message"] > 0
    assert restored.replaced_path is not None and not beside(restored.replaced_path, "-wal").exists()
    assert copies.check_sqlite(restored.replaced_path)["message"] == 0


def test_not_while_another_program_reads_the_file(filled: Config, tmp_path: Path) -> None:
    """Check the error, because the other program would delete the new file's log when it ends."""
    copies.make_copy(filled, tmp_path / "copy")
    with closing(connect(filled)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM message").fetchone()
        with pytest.raises(CommandError, match="another program"):
            restore_backup(filled, tmp_path / "copy")
    assert restore_backup(filled, tmp_path / "copy").replaced_path is not None
