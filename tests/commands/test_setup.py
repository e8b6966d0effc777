"""The messages on a machine that lacks something Tilfreds or its tests need: a sentence that says what to install."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOO_OLD = "exit 1"
#: A Python that runs the version check but fails to create environments.
WITHOUT_VENV = 'case "$2" in *ensurepip*) exit 1;; esac; exit 0'
GOOD = "exit 0"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Create the only folder in which programs are searched."""
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


def fake(folder: Path, name: str, script: str = GOOD) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    # A `make` that runs these tests passes some of them to another one.
    removed_variables = ("CI", "INSTALL", "PYTHON", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    inherited = {name: value for name, value in os.environ.items() if name not in removed_variables}
    environ = {**inherited, "PATH": str(folder)}
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120, check=False)


def find_program(name: str) -> str:
    path = shutil.which(name)
    assert path is not None
    return path


@pytest.mark.parametrize("old", [[], ["python3"], ["python3", "python3.11", "python"]])
def test_without_a_python_a_message_says_which_one_and_how_to_install_it(folder: Path, old: list[str]) -> None:
    for name in old:
        fake(folder, name, TOO_OLD)
    result = run(folder, ".ci/find-python")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("Tilfreds needs Python 3.11 or newer: ")
    assert "sudo apt install python3 python3-venv" in result.stderr and "brew install python" in result.stderr


def test_a_python_that_cannot_create_environments_is_named(folder: Path) -> None:
    path = fake(folder, "python3", WITHOUT_VENV)
    result = run(folder, ".ci/find-python")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(f"Tilfreds found {path}, which cannot make virtual environments")
    assert result.stderr.endswith("sudo apt install python3-venv\n")


def test_the_first_new_enough_python_is_used(folder: Path) -> None:
    fake(folder, "python3", TOO_OLD)
    good = fake(folder, "python3.12")
    result = run(folder, ".ci/find-python")
    assert (result.returncode, result.stdout, result.stderr) == (0, f"{good}\n", "")


def test_make_prints_the_message_and_does_nothing(folder: Path, tmp_path: Path) -> None:
    result = run(folder, find_program("make"), f"VENV={tmp_path / 'venv'}", "install")
    assert result.returncode != 0
    assert "Tilfreds needs Python 3.11 or newer" in result.stderr and "Traceback" not in result.stderr
    assert not (tmp_path / "venv").exists()


def test_make_says_which_tests_are_skipped_without_npm(folder: Path) -> None:
    result = run(folder, find_program("make"), "-W", "static/package-lock.json", "static/node_modules")
    assert result.returncode == 0
    assert result.stdout.startswith("The tests that build the widget are skipped, because npm is not installed: ")
    assert result.stdout.endswith("sudo apt install npm\n")


def test_the_tests_need_npm_beside_node(folder: Path) -> None:
    (folder / "ls").symlink_to(find_program("ls"))
    others = ("python3", "initdb", "curl", "nginx", "wrk", "redis-server", "strace", "node", "php", "chromium")
    for name in (*others, "firefox-esr", "WebKitWebDriver", "Xvfb"):
        fake(folder, name)
    result = run(folder, ".ci/packages")
    assert (result.returncode, "sudo apt install npm'" in result.stderr) == (0, True), result.stderr


@pytest.mark.slow
def test_pytest_gives_the_reason_of_each_skipped_test(folder: Path) -> None:
    result = run(folder, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/js/test_node.py")
    assert result.returncode == 0, result.stdout
    assert "SKIPPED" in result.stdout and "The widget's own tests need Node" in result.stdout


@pytest.mark.slow
def test_failures_are_still_listed(tmp_path: Path) -> None:
    (tmp_path / "test_wrong.py").write_text("def test_wrong():\n    assert False\n")
    command = [sys.executable, "-m", "pytest", "-c", f"{ROOT / 'setup.cfg'}", f"--rootdir={tmp_path}", f"{tmp_path}"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert "FAILED test_wrong.py::test_wrong" in result.stdout
