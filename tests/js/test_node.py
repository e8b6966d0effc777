"""The widget's unit tests, which Node runs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.skip import skip_missing

HERE = Path(__file__).parent
STATIC = HERE.parent.parent / "static"


def node(*arguments: str, folder: Path = HERE) -> str:
    """Run Node and return its output, or fail the test with it."""
    program = shutil.which("node") or skip_missing(
        "The widget's own tests need Node 20.11 or newer: `apt-get install nodejs`."
    )
    result = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, env=quiet(), check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def quiet() -> dict[str, str]:
    """Return the environment without Node 20's warnings about experimental mock timers."""
    return {**os.environ, "NODE_NO_WARNINGS": "1"}


def built() -> Path:
    modules = STATIC / "node_modules"
    if not modules.is_dir():
        npm = "" if shutil.which("npm") else "`apt-get install npm`, then "
        skip_missing(f"static/node_modules is not there, so the widget cannot be built: {npm}`cd static && npm ci`.")
    return modules


SCRIPTS = sorted(path.name for path in HERE.glob("*.test.js"))
BUILD = "build.test.js"


@pytest.mark.parametrize("file", [name for name in SCRIPTS if name != BUILD])
def test_in_node(file: str) -> None:
    # Run as a program, because `node --test` would start a second process for the same tests.
    node(file)


@pytest.mark.slow
def test_the_build_makes_the_committed_files() -> None:
    built()
    node(BUILD)


@pytest.mark.slow
def test_the_types_of_the_source_are_right() -> None:
    node(str(built() / "typescript" / "bin" / "tsc"), "-p", ".", folder=STATIC)
