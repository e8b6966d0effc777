"""Copies of a database that is in use."""

from __future__ import annotations

import errno
import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.databases import ON_BOTH
from tests.frozen_clock import SetClock
from widget_server.backup import copies
from widget_server.backup.restore import restore_backup
from widget_server.core.config import Config
from widget_server.core.errors import CommandError
from widget_server.serve.daily_backup import DailyBackup

from .copies import changing, rows
from .server import wait_until

DAY = 24 * 3600


@ON_BOTH
def test_a_copy_has_every_row(filled: Config, tmp_path: Path) -> None:
    counts = copies.make_copy(filled, tmp_path / "copies" / "one")
    assert counts == rows(filled)
    assert counts["segment"] == 3
    assert [path.name for path in (tmp_path / "copies").iterdir()] == ["one"]


@pytest.mark.slow
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


@ON_BOTH
def test_a_backup_without_room_fails_with_a_sentence(
    filled: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    """Check each call that needs room or an inode; a full disk is the kernel's error for both."""

    def fail(*arguments: object, **options: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for name in ("pathlib.Path.mkdir", "os.open", "os.fsync"):
        with subtests.test(name), monkeypatch.context() as patch:
            folder = tmp_path / name
            if name != "pathlib.Path.mkdir":
                folder.mkdir()
            patch.setattr(name, fail)
            with pytest.raises(CommandError, match=r"cannot be written: no space left on device\. Free space"):
                copies.make_copy(filled, folder / "copy")
            assert not (folder / "copy").exists() and not (folder / f"copy{copies.UNFINISHED}").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_backup_to_a_full_disk_fails_with_a_sentence(
    filled: Config, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    for name, limit in (("room", "size=64k"), ("inodes", "nr_inodes=1")):
        folder = tmp_path / name
        folder.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", limit, "tmpfs", folder], check=False)
        if mounted.returncode:
            pytest.skip("this machine does not allow mounts")
        with subtests.test(name):
            try:
                with pytest.raises(CommandError, match="cannot be (written|copied)"):
                    copies.make_copy(filled, folder / "copy")
                assert list(folder.iterdir()) == []
            finally:
                subprocess.run(["umount", folder], check=True)


def make_files(folder: Path, ages: dict[str, float]) -> None:
    """Create files of these ages in days. A negative age is a date in the future."""
    folder.mkdir(exist_ok=True)
    for name, days in ages.items():
        path = folder / f"{name}.sqlite3"
        path.touch()
        os.utime(path, (time.time() - days * DAY,) * 2)


def remaining_names(folder: Path) -> list[str]:
    return sorted(path.name.partition(".")[0] for path in folder.iterdir())


def test_old_copies_are_deleted(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path)
    recent = {"daily-a": 1, "daily-b": 3, "daily-c": 6, "before-f": 1, "before-g": 2, "before-h": 3}
    make_files(config.backup_dir, {**recent, "daily-d": 8, "before-i": 8, "backup-d": 30, "replaced-e": 30})
    copies.delete_old_copies(config)
    assert remaining_names(config.backup_dir) == sorted([*recent, "backup-d", "replaced-e"])


def test_a_clock_that_steps_forward_leaves_the_newest_copies(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path)
    days = {f"daily-{number}": 3_650 + number for number in range(7)}
    make_files(config.backup_dir, {**days, "daily-now": 0, "before-old": 4_000})
    copies.delete_old_copies(config)
    assert remaining_names(config.backup_dir) == ["before-old", "daily-0", "daily-1", "daily-now"]


def test_a_copy_dated_in_the_future_ages_from_today(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path)
    make_files(config.backup_dir, {"daily-ahead": -400, "daily-a": 1, "daily-b": 2, "daily-c": 3})
    copies.delete_old_copies(config)
    assert abs((config.backup_dir / "daily-ahead.sqlite3").stat().st_mtime - time.time()) < DAY
    assert len(remaining_names(config.backup_dir)) == 4


@pytest.mark.parametrize(
    ("keep_days", "age_hours", "due"),
    [(7, None, True), (7, 25, True), (7, 1, False), (0, 25, False), (7, -1, True), (7, -9_000, True)],
)
def test_when_a_daily_copy_is_due(tmp_path: Path, keep_days: int, age_hours: int | None, due: bool) -> None:
    config = Config(data_dir=tmp_path, backup_keep_days=keep_days)
    make_files(config.backup_dir, {} if age_hours is None else {"daily-x": age_hours / 24})
    assert copies.is_due(config) == due
    if keep_days:
        supervised = DailyBackup({"after": 0, "folder": str(config.backup_dir), "argv": []}, ())
        assert supervised.is_due(config.backup_dir) == due


def test_a_copy_from_today_counts_beside_one_dated_in_the_future(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path)
    make_files(config.backup_dir, {"daily-ahead": -400, "daily-today": 0.1})
    assert not copies.is_due(config)
