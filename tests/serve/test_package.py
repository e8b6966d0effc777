"""The package for users: built, installed in an empty environment, and serving without the checkout or Node."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .server import PATIENCE_SECONDS, Server, clean_environ, free_port

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(
    ".*", "node_modules", "__pycache__", "var", "build", "dist.old", "*.egg-info", "tests"
)
SITE_PACKAGES = Path(pytest.__file__).parents[1]
BUILD_SECONDS = 180


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the source archive, as a packager would, and return its folder."""
    folder = tmp_path_factory.mktemp("built")
    source = folder / "source"
    shutil.copytree(ROOT, source, ignore=LEFT_OUT)
    result = subprocess.run(
        [sys.executable, "-P", "-m", "build", "--no-isolation", "--outdir", str(folder), str(source)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (wheel_path,) = built.glob("*.whl")
    return wheel_path


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Iterator[Path]:
    """Yield the `tilfreds` of an environment with the wheel and this one's libraries but not its checkout."""
    home = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    python = home / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-index", "--no-deps"]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    (packages,) = home.glob("lib/python*/site-packages")
    (packages / "libraries.pth").write_text(f"{SITE_PACKAGES}\n")
    yield home / "bin" / "tilfreds"


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_part_is_in_the_package(wheel: Path) -> None:
    """Check that all files of the package folder and the served ones of static/ are included."""
    inside = names(wheel)
    for path in (ROOT / "widget_server").rglob("*"):
        name = path.relative_to(ROOT).as_posix()
        if path.is_file() and "__pycache__" not in name and path.suffix != ".md":
            assert name in inside, f"{name} is not in the wheel: see [tool.setuptools] in pyproject.toml"
    for folder in ("dist", "vendor"):
        static_files = {
            path.relative_to(ROOT).as_posix() for path in (ROOT / "static" / folder).rglob("*") if path.is_file()
        }
        packaged_files = {name for name in inside if name.startswith(f"widget_server/static/{folder}/")}
        assert {name.removeprefix("widget_server/") for name in packaged_files} == static_files
    assert "widget_server/static/tilfreds.d.ts" in inside
    assert {"widget_server/guides/placement.md", "widget_server/guides/chats.md"} <= inside


def test_nothing_else_is_in_the_package(wheel: Path) -> None:
    for name in names(wheel):
        assert name.startswith("widget_server/") or re.match(r"tilfreds-[\d.]+\.dist-info/", name), name
        assert "node_modules" not in name and "/static/src/" not in name and "__pycache__" not in name


def test_the_licence_is_stated(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        text = archive.read(metadata).decode()
    assert "\nLicense-Expression: MIT\n" in text
    assert any(name.endswith("licenses/LICENSE") for name in names(wheel))
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"\nVersion: {version}\n" in text
    number = re.escape(version)
    heading = rf"^## \[(?:{number}\]|Unreleased\]\n\nThe next version is {number}\.$)"
    assert re.search(heading, (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


def test_the_source_archive_is_whole(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        inside = {name.partition("/")[2] for name in opened.getnames()}
    assert {"LICENSE", "README.md", "pyproject.toml", "static/dist/widget.js", "widget_server/cli.py"} <= inside


@pytest.mark.server
def test_it_serves_the_snippet_without_the_checkout(installed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    port = free_port()
    environ = {name: value for name, value in clean_environ(folder, port=port).items() if name != "PYTHONPATH"}
    result = subprocess.run(
        [str(installed), "site", "create", "Shop", "--origin", "https://shop.example"],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    tag = re.search(r'src="(http://127.0.0.1:\d+(/w/[\w-]+\.js))"', result.stdout)
    assert tag is not None, result.stdout
    server = Server(folder, port=port)
    server.environ = environ
    server.command = [str(installed)]
    try:
        server.started()
        with urllib.request.urlopen(tag[1], timeout=PATIENCE_SECONDS) as answer:
            script = answer.read().decode()
        assert "tilfreds-rating" in script and "__TILFREDS_SETTINGS__" not in script
        link = subprocess.run(
            [str(installed), "owner", "link"], cwd=folder, env=environ, capture_output=True, text=True, check=True
        ).stdout
        assert server.get(link.strip().removeprefix(f"http://127.0.0.1:{port}")) == 200
        assert server.get("/api/v1/openapi.json") == 200
        assert all(str(ROOT) not in command for command in server.family().values())
        assert server.stop() == 0
    finally:
        server.end()
