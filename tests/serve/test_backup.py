"""Copies of a database that is in use, and the way back."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from tests.make import Make
from tests.standing_clock import SetClock
from widget_server.config import Config
from widget_server.db import db
from widget_server.migrations import run
from widget_server.ratings import recount
from widget_server.serve import backup, locks, postgresql
from widget_server.serve.refusals import Refused
from widget_server.serve.restore import restore

DAY = 24 * 3600
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def filled(app: Flask, config: Config, make: Make) -> Config:
    """A database with some chats in it, and nobody connected."""
    site = make.site()
    make.survey(site)
    for _ in range(3):
        make.end(site, make.chat(site))
    app.extensions["tilfreds_engines"].dispose()
    return config


def rows(config: Config) -> dict[str, int]:
    if config.is_sqlite:
        return dict(backup.check_sqlite(config.sqlite_path))
    with psycopg.connect(postgresql.conninfo(config.database_url)) as connection:
        return dict(postgresql.counts(connection))


@contextmanager
def changing(config: Config) -> Iterator[None]:
    """Meanwhile visitors come, two rows in each transaction: a copy that cuts one in half has an odd number."""
    stop = threading.Event()
    insert = (
        "INSERT INTO login_session (id, token_hash, link_hash, created_at, expires_at)"
        " VALUES ('{0}', '{0}', '{0}', '2026-01-01 00:00:00', '2027-01-01 00:00:00')"
    )

    def change() -> None:
        connection = connect(config)
        number = 0
        while not stop.is_set():
            for _ in range(2):
                number += 1
                connection.execute(insert.format(f"{number:032x}"))
            connection.commit()
        connection.close()

    thread = threading.Thread(target=change)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def connect(config: Config) -> sqlite3.Connection | psycopg.Connection:
    if config.is_sqlite:
        return sqlite3.connect(config.sqlite_path, timeout=30)
    return psycopg.connect(postgresql.conninfo(config.database_url))


def test_a_copy_has_every_row(filled: Config, tmp_path: Path) -> None:
    counts = backup.make(filled, tmp_path / "copies" / "one")
    assert counts == rows(filled)
    assert counts["segment"] == 3
    assert [path.name for path in (tmp_path / "copies").iterdir()] == ["one"]


def test_copies_of_a_changing_database_are_whole(filled: Config, tmp_path: Path) -> None:
    seen = []
    with changing(filled):
        for number in range(5):
            counts = backup.make(filled, tmp_path / f"copy-{number}")
            seen.append(counts["login_session"])
            time.sleep(0.05)
    assert seen == sorted(seen) and seen[-1] > seen[0]
    assert all(count % 2 == 0 for count in seen)
    for number in (0, 4):
        restored = restore(filled, tmp_path / f"copy-{number}")
        assert restored.counts["login_session"] == rows(filled)["login_session"] == seen[number]


def test_a_restored_copy_is_what_was_copied(filled: Config, tmp_path: Path) -> None:
    before = rows(filled)
    backup.make(filled, tmp_path / "copy")
    with changing(filled):
        time.sleep(0.3)
    changed = rows(filled)
    assert changed != before
    restored = restore(filled, tmp_path / "copy")
    assert restored.counts == rows(filled) == before
    assert restored.kept is not None
    again = restore(filled, restored.kept)
    assert again.counts == rows(filled) == changed


def test_copies_of_one_second_have_names_of_their_own(filled: Config, clock: SetClock) -> None:
    copy = backup.default_target(filled, backup.BY_HAND)
    backup.make(filled, copy)
    kept = [restore(filled, copy).kept for _ in range(2)]
    names = sorted(path.name.partition(".")[0] for path in filled.backup_dir.iterdir())
    at = backup.stamp(clock.now())
    assert names == [f"backup-{at}", f"replaced-{at}", f"replaced-{at}-2"]
    assert {path.parent for path in kept if path is not None} == {filled.backup_dir}


def test_the_kept_counts_are_right_after_a_restore(filled: Config, app: Flask, tmp_path: Path) -> None:
    backup.make(filled, tmp_path / "copy")
    restore(filled, tmp_path / "copy")
    with app.app_context(), db.engines["read"].connect() as connection:
        assert recount.differences(connection) == []
    app.extensions["tilfreds_engines"].dispose()


@ON_SQLITE
def test_into_an_empty_folder(filled: Config, tmp_path: Path) -> None:
    before = rows(filled)
    backup.make(filled, tmp_path / "copy")
    empty = Config(data_dir=tmp_path / "elsewhere", secret_keys=filled.secret_keys)
    restored = restore(empty, tmp_path / "copy")
    assert (restored.counts, restored.kept) == (before, None)
    assert rows(empty) == before


def test_erased_people_are_erased_again(app: Flask, config: Config, make: Make, tmp_path: Path) -> None:
    site = make.site()
    make.survey(site)
    talk = make.chat(site, visitor="ann", customer_reference="ann@shop.example")
    make.chat(site, visitor="bob", customer_reference="bob@shop.example")
    app.extensions["tilfreds_engines"].dispose()
    backup.make(config, tmp_path / "copy")
    assert make.back_end(site).post("/visitors/ann/erase").status_code == 200
    app.extensions["tilfreds_engines"].dispose()
    restored = restore(config, tmp_path / "copy")
    assert restored.erased == 1
    assert make.back_end(site).get(f"/conversations/{talk}").status_code == 404
    app.extensions["tilfreds_engines"].dispose()
    found = everything(config)
    assert "bob@shop.example" in found and "ann@shop.example" not in found


def test_who_came_back_is_not_erased_again(app: Flask, config: Config, make: Make, tmp_path: Path) -> None:
    """Only what was there when a person was erased is erased from a copy; what they wrote since is theirs to keep."""
    site = make.site()
    make.survey(site)
    make.chat(site, visitor="ann", customer_reference="first@shop.example")
    app.extensions["tilfreds_engines"].dispose()
    backup.make(config, tmp_path / "before")
    assert make.back_end(site).post("/visitors/ann/erase").status_code == 200
    again = make.chat(site, visitor="ann", customer_reference="again@shop.example")
    app.extensions["tilfreds_engines"].dispose()
    backup.make(config, tmp_path / "after")
    assert restore(config, tmp_path / "after").erased == 0
    assert make.back_end(site).get(f"/conversations/{again}").get_json()["visitor"] == "ann"
    app.extensions["tilfreds_engines"].dispose()
    assert "again@shop.example" in everything(config)
    assert restore(config, tmp_path / "before").erased == 1
    assert "first@shop.example" not in everything(config)


def test_the_last_erasing_of_a_person_counts(app: Flask, config: Config, make: Make, tmp_path: Path) -> None:
    site = make.site()
    for name in ("first", "second"):
        make.chat(site, visitor="ann", customer_reference=f"{name}@shop.example")
        app.extensions["tilfreds_engines"].dispose()
        backup.make(config, tmp_path / name)
        assert make.back_end(site).post("/visitors/ann/erase").status_code == 200
    app.extensions["tilfreds_engines"].dispose()
    for name in ("first", "second"):
        assert restore(config, tmp_path / name).erased == 1
        assert "@shop.example" not in everything(config)


def everything(config: Config) -> str:
    with closing(connect(config)) as connection:
        return str(connection.execute("SELECT * FROM conversation").fetchall())


def test_a_copy_never_writes_over_a_file(filled: Config, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    with pytest.raises(Refused, match="precious"):
        backup.make(filled, tmp_path / "precious")
    assert (tmp_path / "precious").read_text() == "mine"


def test_what_is_no_backup_changes_nothing(filled: Config, tmp_path: Path) -> None:
    before = rows(filled)
    (tmp_path / "letter").write_text("no database, just words\n" * 100)
    with pytest.raises(Refused):
        restore(filled, tmp_path / "letter")
    with pytest.raises(Refused, match="no backup at"):
        restore(filled, tmp_path / "absent")
    assert rows(filled) == before


@ON_SQLITE
def test_a_damaged_copy_is_refused(filled: Config, tmp_path: Path) -> None:
    before = rows(filled)
    backup.make(filled, tmp_path / "copy")
    content = bytearray((tmp_path / "copy").read_bytes())
    content[8192:24576] = os.urandom(16384)
    (tmp_path / "copy").write_bytes(content)
    with pytest.raises(Refused):
        restore(filled, tmp_path / "copy")
    assert rows(filled) == before


@ON_SQLITE
def test_a_copy_of_a_newer_version_is_refused(filled: Config, tmp_path: Path) -> None:
    backup.make(filled, tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from_the_future'")
        connection.commit()
    with pytest.raises(Refused, match="newer"):
        restore(filled, tmp_path / "copy")
    assert run.current(filled.database_url) == run.head()


def test_not_under_a_running_server(filled: Config, tmp_path: Path) -> None:
    backup.make(filled, tmp_path / "copy")
    if filled.is_sqlite:
        with locks.writing(filled), pytest.raises(Refused, match="held by"):
            restore(filled, tmp_path / "copy")
    else:
        with closing(connect(filled)), pytest.raises(Refused, match="1 other connections"):
            restore(filled, tmp_path / "copy")


def test_old_copies_are_dropped(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path)
    config.backup_dir.mkdir()
    for name, days in {"daily-a": 6, "daily-b": 8, "before-c": 8, "backup-d": 30, "replaced-e": 30}.items():
        path = config.backup_dir / f"{name}.sqlite3"
        path.touch()
        os.utime(path, (time.time() - days * DAY,) * 2)
    backup.drop_old(config)
    left = sorted(path.name.partition(".")[0] for path in config.backup_dir.iterdir())
    assert left == ["backup-d", "daily-a", "replaced-e"]


@pytest.mark.parametrize(
    ("keep_days", "age_hours", "due"), [(7, None, True), (7, 25, True), (7, 1, False), (0, 25, False)]
)
def test_when_a_daily_copy_is_due(tmp_path: Path, keep_days: int, age_hours: int | None, due: bool) -> None:
    config = Config(data_dir=tmp_path, backup_keep_days=keep_days)
    config.backup_dir.mkdir()
    if age_hours is not None:
        path = config.backup_dir / "daily-x.sqlite3"
        path.touch()
        os.utime(path, (time.time() - age_hours * 3600,) * 2)
    assert backup.is_due(config) == due
