"""Copies of a database that is in use."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.databases import ON_BOTH
from tests.frozen_clock import SetClock
from widget_server.backup import copies
from widget_server.backup.restore import restore_backup
from widget_server.core.config import Config
from widget_server.core.errors import CommandError

from .copies import changing, rows
from .server import wait_until

DAY = 24 * 3600


@ON_BOTH
def test_a_copy_has_every_row(filled: Config, tmp_path: Path) -> None:
    counts = copies.make_copy(filled, tmp_path / "copies" / "one")
    assert counts == rows(filled)
    assert counts["segment"] == 3
    assert [path.name for path in (tmp_path / "copies").iterdir()] == ["one"]


@ON_BOTH
def test_copies_of_a_changing_database_are_whole(filled: Config, tmp_path: Path) -> None:
    row_counts = []
    with changing(filled) as committed:
        for number in range(5):
            counts = copies.make_copy(filled, tmp_path / f"copy-{number}")
            row_counts.append(counts["login_session"])
            committed.clear()
            assert wait_until(lambda: committed)
    assert row_counts == sorted(row_counts) and row_counts[-1] > row_counts[0]
    assert all(count % 2 == 0 for count in row_counts)
    for number in (0, 4):
        restored = restore_backup(filled, tmp_path / f"copy-{number}")
        assert restored.counts["login_session"] == rows(filled)["login_session"] == row_counts[number]


@ON_BOTH
def test_copies_of_one_second_have_different_names(filled: Config, clock: SetClock) -> None:
    copy = copies.choose_target(filled, copies.MANUAL)
    copies.make_copy(filled, copy)
    replaced_paths = [restore_backup(filled, copy).replaced_path for _ in range(2)]
    names = sorted(path.name.partition(".")[0] for path in filled.backup_dir.iterdir())
    at = copies.format_stamp(clock.now())
    assert names == [f"backup-{at}", f"replaced-{at}", f"replaced-{at}-2"]
    assert {path.parent for path in replaced_paths if path is not None} == {filled.backup_dir}


def test_a_copy_never_overwrites_a_file(filled: Config, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    with pytest.raises(CommandError, match="precious"):
        copies.make_copy(filled, tmp_path / "precious")
    assert (tmp_path / "precious").read_text() == "mine"


def test_old_copies_are_deleted(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path)
    config.backup_dir.mkdir()
    for name, days in {"daily-a": 6, "daily-b": 8, "before-c": 8, "backup-d": 30, "replaced-e": 30}.items():
        path = config.backup_dir / f"{name}.sqlite3"
        path.touch()
        os.utime(path, (time.time() - days * DAY,) * 2)
    copies.delete_old_copies(config)
    remaining_names = sorted(path.name.partition(".")[0] for path in config.backup_dir.iterdir())
    assert remaining_names == ["backup-d", "daily-a", "replaced-e"]


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
    assert copies.is_due(config) == due
