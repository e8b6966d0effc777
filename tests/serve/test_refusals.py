"""Errors that prevent a start, each in a sentence and before anything runs."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from widget_server.cli import REFUSED, main
from widget_server.core.config import Config
from widget_server.serve import database, ports, secret_file, sqlite_version, start
from widget_server.storage import file_lock

from .server import Server, call, free_port, run


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """Record the plans of servers that would start; none of them is really started."""
    plans: list[dict[str, object]] = []

    def remember(plan: dict[str, object], environ: object) -> None:
        for descriptor in plan["descriptors"]:  # type: ignore[attr-defined]
            os.close(descriptor)
        plans.append(plan)

    monkeypatch.setattr(start, "become_supervisor", remember)
    return plans


def serve(folder: Path, **settings: object) -> Result:
    port = settings.pop("port", None) or free_port()
    settings_environ = {name.upper(): str(value) for name, value in settings.items()}
    return CliRunner().invoke(main, ["serve"], env={"DATA_DIR": str(folder), "PORT": str(port), **settings_environ})


def assert_refused(result: Result, *words: str) -> None:
    assert result.exit_code == REFUSED, result.output
    for word in words:
        assert word in result.output
    assert "Traceback" not in result.output


def test_a_good_start_is_not_rejected(tmp_path: Path, started: list[object]) -> None:
    result = serve(tmp_path)
    assert result.exit_code == 0, result.output
    assert len(started) == 1


UNSAFE: list[tuple[dict[str, object], str]] = [
    ({"port": "http"}, "PORT"),
    ({"host": "0.0.0.0"}, "HOST"),
    ({"host": "no.such.host.invalid"}, "HOST"),
    ({"host": "203.0.113.9", "public_url": "https://rate.example"}, "HOST"),
    ({"public_url": "http://rate.example"}, "PUBLIC_URL"),
    ({"public_url": "https://rate.example", "debug": "true"}, "DEBUG"),
    ({"secret_keys": "changeme"}, "SECRET_KEYS"),
    ({"web_workers": 4}, "WEB_WORKERS"),
    ({"limiter_url": "counter://somewhere"}, "LIMITER_URL"),
    ({"limiter_url": "memcached://localhost"}, "LIMITER_URL"),
]


def test_unsafe_and_nonsense_settings(tmp_path: Path, started: list[object], subtests: pytest.Subtests) -> None:
    for number, (settings, word) in enumerate(UNSAFE):
        with subtests.test(settings=settings):
            assert_refused(serve(tmp_path / str(number), **settings), word)
            assert not started


def test_a_weak_secret_file(tmp_path: Path, started: list[object]) -> None:
    (tmp_path / "secret").write_text("password\n")
    assert_refused(serve(tmp_path), "SECRET_FILE")
    assert not started


@pytest.mark.parametrize("offset", [0, 1])
def test_a_busy_port(tmp_path: Path, started: list[object], offset: int) -> None:
    port = free_port()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", port + offset))
        other.listen()
        assert_refused(serve(tmp_path, port=port), ["PORT", "LIVE_PORT"][offset], str(port + offset), "in use")
    assert not started


def test_a_second_server_on_the_same_file(tmp_path: Path, started: list[object]) -> None:
    config = Config(data_dir=tmp_path)
    with file_lock.write_access(config):
        assert_refused(serve(tmp_path), "tilfreds.sqlite3", f"process {os.getpid()}")
    assert not started


def test_the_same_file_by_another_name(tmp_path: Path, started: list[object]) -> None:
    real, alias = tmp_path / "real", tmp_path / "alias"
    real.mkdir()
    alias.symlink_to(real)
    with file_lock.write_access(Config(data_dir=real)):
        assert_refused(serve(alias), "held by")


def test_a_demo_database(tmp_path: Path, started: list[object], template_file: Path) -> None:
    path = tmp_path / "other-name.sqlite3"
    shutil.copyfile(template_file, path)
    database.mark_demo(Config(database_url=f"sqlite:///{path}"))
    assert_refused(serve(tmp_path, database_url=f"sqlite:///{path}"), "other-name.sqlite3", "demo")
    assert not started


def test_a_newer_schema(tmp_path: Path, started: list[object], template_file: Path) -> None:
    path = tmp_path / "tilfreds.sqlite3"
    shutil.copyfile(template_file, path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from_the_future'")
        connection.commit()
    before = path.read_bytes()
    assert_refused(serve(tmp_path), "newer Tilfreds", "from_the_future")
    assert not started
    assert path.read_bytes() == before
    assert not (tmp_path / "backups").exists()


def test_a_file_that_is_no_database(tmp_path: Path, started: list[object]) -> None:
    (tmp_path / "tilfreds.sqlite3").write_text("this is a letter to a friend, and no database at all\n" * 50)
    assert_refused(serve(tmp_path), "tilfreds.sqlite3")
    assert not started


@pytest.mark.slow
def test_the_first_start_creates_a_secret(tmp_path: Path, started: list[object]) -> None:
    folder = tmp_path / "new" / "folder"
    assert serve(folder).exit_code == 0
    secret = folder / "secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    secret_text = secret.read_text()
    assert len(secret_text.strip()) >= 43
    assert serve(folder).exit_code == 0
    assert secret.read_text() == secret_text
    assert serve(tmp_path / "another").exit_code == 0
    assert (tmp_path / "another" / "secret").read_text() != secret_text


def test_a_secret_that_others_can_read_causes_a_warning(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path)
    assert secret_file.ensure_secret_file(config) == []
    config.secret_file.chmod(0o644)
    assert "chmod 600" in secret_file.ensure_secret_file(config)[0]


@pytest.mark.slow
def test_a_database_with_another_secret_is_named_at_the_start(tmp_path: Path, started: list[dict[str, object]]) -> None:
    create = ["site", "create", "Shop", "--origin", "https://shop.example"]
    assert CliRunner().invoke(main, create, env={"DATA_DIR": str(tmp_path)}).exit_code == 0
    assert serve(tmp_path).exit_code == 0
    assert not [line for line in started[-1]["lines"] if "does not fit" in line]  # type: ignore[attr-defined]
    backup = str(tmp_path / "copy")
    assert CliRunner().invoke(main, ["backup", backup], env={"DATA_DIR": str(tmp_path)}).exit_code == 0
    elsewhere = {"DATA_DIR": str(tmp_path / "elsewhere")}
    restored = CliRunner().invoke(main, ["restore", backup], env=elsewhere)
    assert restored.exit_code == 0 and "Copy the secret file that belongs to this backup" in restored.output
    assert serve(tmp_path / "elsewhere").exit_code == 0
    [line] = [line for line in started[-1]["lines"] if "does not fit" in line]  # type: ignore[attr-defined]
    assert "elsewhere/secret" in line and "tilfreds site secret" in line
    assert "does not fit" in CliRunner().invoke(main, ["restore", backup], env=elsewhere).output


def test_a_database_that_others_can_read_causes_a_warning(tmp_path: Path, template_file: Path) -> None:
    config = Config(data_dir=tmp_path)
    shutil.copy(template_file, config.sqlite_path)
    for folder_mode, file_mode, is_open in ((0o755, 0o644, True), (0o755, 0o640, False), (0o700, 0o644, False)):
        tmp_path.chmod(folder_mode)
        config.sqlite_path.chmod(file_mode)
        assert [str(config.sqlite_path) in line for line in start.file_mode_warnings(config)] == [True] * is_open


@pytest.mark.server
def test_whichever_command_comes_first_creates_private_files(
    tmp_path: Path, template_file: Path, subtests: pytest.Subtests
) -> None:
    for command in (
        ["migrate"],
        ["site", "create", "Shop", "--origin", "https://shop.example"],
        ["restore", str(template_file)],
    ):
        with subtests.test(command=command[0]):
            folder = tmp_path / command[0] / "data"
            result = run_with_usual_umask(folder, *command)
            assert result.returncode == 0, result.stderr
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
            assert {name for name, mode in modes.items() if mode & 0o077} == set(), modes


def run_with_usual_umask(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a shell of most systems would, whatever umask the tests have."""
    shell = ["sh", "-c", 'umask 022; exec "$@"', "sh", sys.executable, "-m", "widget_server.cli", *command]
    environ = {**os.environ, "DATA_DIR": str(folder)}
    return subprocess.run(shell, env=environ, capture_output=True, text=True, timeout=60, check=False)


def test_a_lost_secret_causes_a_warning(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path)
    config.sqlite_path.touch()
    assert "earlier secret" in secret_file.ensure_secret_file(config)[0]


#: Versions of SQLite, and whether they have the bug.
LOG_BUG = [
    ((3, 6, 23), False),
    ((3, 7, 0), True),
    ((3, 40, 1), True),
    ((3, 44, 5), True),
    ((3, 44, 6), False),
    ((3, 45, 0), True),
    ((3, 50, 6), True),
    ((3, 50, 7), False),
    ((3, 51, 0), True),
    ((3, 51, 2), True),
    ((3, 51, 3), False),
    ((3, 52, 0), False),
]


def test_versions_of_sqlite_with_the_log_bug(subtests: pytest.Subtests) -> None:
    for version, affected in LOG_BUG:
        with subtests.test(version=version):
            remarks = sqlite_version.version_warnings(version)
            assert bool(remarks) == affected
            assert all(".".join(map(str, version)) in line for line in remarks)


def test_the_next_free_port_skips_a_busy_row() -> None:
    port = free_port(4)
    with socket.socket() as other:
        other.bind(("127.0.0.1", port + 1))
        other.listen()
        assert ports.find_free_ports("127.0.0.1", port, 2) == port + 2


@pytest.mark.server
def test_commands_beside_a_running_server(shared_server: Server, tmp_path: Path) -> None:
    """Check that commands that write print the API call, and those that only sign or read work."""
    server, folder = shared_server, shared_server.folder
    second = run(folder, "serve", port=free_port())
    assert second.returncode == REFUSED
    assert f"process {server.pid}" in second.stderr
    result = call(folder, "site", "create", "Shop", "--origin", "https://shop.example", port=server.port)
    assert result.returncode == REFUSED
    assert f"http://127.0.0.1:{server.port}/api/v1/sites" in result.stderr
    assert call(folder, "migrate").returncode == REFUSED
    assert call(folder, "check").returncode == 0
    assert call(folder, "backup", str(tmp_path / "copy")).returncode == 0
    assert call(folder, "restore", str(tmp_path / "copy")).returncode == REFUSED
    assert call(folder, "operator-token").stdout.startswith("tfo_")
    link = call(folder, "owner", "link", port=server.port).stdout.strip()
    assert server.get(link.removeprefix(f"http://127.0.0.1:{server.port}")) == 200
