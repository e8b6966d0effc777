"""What somebody is told whose machine lacks what Tilfreds or its tests need: a sentence, with what to install."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOO_OLD = "exit 1"
#: Of the two programs that it is asked to run, it runs the one that looks at its version.
WITHOUT_VENV = 'case "$2" in *ensurepip*) exit 1;; esac; exit 0'
GOOD = "exit 0"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where alone programs are looked for."""
    made = tmp_path / "bin"
    made.mkdir()
    return made


def fake(folder: Path, name: str, does: str = GOOD) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)
    return path


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    # Among them what a `make` that runs these tests hands on to another one.
    forgotten = ("CI", "INSTALL", "PYTHON", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    inherited = {name: value for name, value in os.environ.items() if name not in forgotten}
    environ = {**inherited, "PATH": str(folder)}
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120, check=False)


def program(name: str) -> str:
    found = shutil.which(name)
    assert found is not None
    return found


@pytest.mark.parametrize("old", [[], ["python3"], ["python3", "python3.11", "python"]])
def test_without_a_python_it_is_said_which_and_how(folder: Path, old: list[str]) -> None:
    for name in old:
        fake(folder, name, TOO_OLD)
    told = run(folder, ".ci/find-python")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.count("\n") == 1
    assert told.stderr.startswith("Tilfreds needs Python 3.11 or newer: ")
    assert "sudo apt install python3 python3-venv" in told.stderr and "brew install python" in told.stderr


def test_a_python_that_makes_no_environments_is_named(folder: Path) -> None:
    path = fake(folder, "python3", WITHOUT_VENV)
    told = run(folder, ".ci/find-python")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith(f"Tilfreds found {path}, which cannot make virtual environments")
    assert told.stderr.endswith("sudo apt install python3-venv\n")


def test_the_first_that_is_new_enough_is_taken(folder: Path) -> None:
    fake(folder, "python3", TOO_OLD)
    good = fake(folder, "python3.12")
    told = run(folder, ".ci/find-python")
    assert (told.returncode, told.stdout, told.stderr) == (0, f"{good}\n", "")


def test_make_says_it_and_does_nothing(folder: Path, tmp_path: Path) -> None:
    told = run(folder, program("make"), f"VENV={tmp_path / 'venv'}", "install")
    assert told.returncode != 0
    assert "Tilfreds needs Python 3.11 or newer" in told.stderr and "Traceback" not in told.stderr
    assert not (tmp_path / "venv").exists()


def test_make_says_what_is_left_out_without_npm(folder: Path) -> None:
    told = run(folder, program("make"), "-W", "static/package-lock.json", "static/node_modules")
    assert told.returncode == 0
    assert told.stdout.startswith("The tests that build the widget are left out, for npm is not installed: ")
    assert told.stdout.endswith("sudo apt install npm\n")


def test_a_node_without_npm_is_not_all_that_the_tests_need(folder: Path) -> None:
    (folder / "ls").symlink_to(program("ls"))
    others = ("python3", "initdb", "curl", "nginx", "wrk", "redis-server", "strace", "node", "php", "chromium")
    for name in (*others, "firefox-esr", "WebKitWebDriver", "Xvfb"):
        fake(folder, name)
    told = run(folder, ".ci/packages")
    assert (told.returncode, "sudo apt install npm'" in told.stderr) == (0, True), told.stderr


def test_pytest_says_of_each_test_that_was_left_out_why(folder: Path) -> None:
    told = run(folder, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/js/test_node.py")
    assert told.returncode == 0, told.stdout
    assert "SKIPPED" in told.stdout and "The widget's own tests need Node" in told.stdout


def test_failures_are_still_listed(tmp_path: Path) -> None:
    (tmp_path / "test_wrong.py").write_text("def test_wrong():\n    assert False\n")
    command = [sys.executable, "-m", "pytest", "-c", f"{ROOT / 'setup.cfg'}", f"--rootdir={tmp_path}", f"{tmp_path}"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert "FAILED test_wrong.py::test_wrong" in told.stdout
