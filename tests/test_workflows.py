"""The files for the hosting platform and pre-commit: valid by their schemas, with the commands of the Makefile."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLATFORM = ROOT / ".github"
WORKFLOWS = sorted((PLATFORM / "workflows").glob("*.yml"))
CONFIG = PLATFORM / "ISSUE_TEMPLATE" / "config.yml"
FORMS = sorted(set((PLATFORM / "ISSUE_TEMPLATE").glob("*.yml")) - {CONFIG})
SCHEMAS = {"github-workflows": WORKFLOWS, "github-issue-forms": FORMS, "github-issue-config": [CONFIG]}


def check_schema(schema: str, *files: Path) -> subprocess.CompletedProcess[str]:
    """Run the checker with one of its built-in schemas, so without a network."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def commands(workflow: Path) -> list[str]:
    return re.findall(r"^ +- run: (.+)$", workflow.read_text("utf-8"), re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize("schema", SCHEMAS)
def test_each_file_follows_its_schema(schema: str) -> None:
    process = check_schema(schema, *SCHEMAS[schema])
    assert process.returncode == 0, process.stdout + process.stderr


@pytest.mark.slow
def test_the_checker_refuses_a_workflow_without_jobs(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text(WORKFLOWS[0].read_text("utf-8").replace("jobs:", "job:"))
    process = check_schema("github-workflows", broken)
    assert process.returncode == 1 and "jobs" in process.stdout + process.stderr


def test_workflows_run_the_programs_of_this_repository() -> None:
    assert {workflow.name: commands(workflow) for workflow in WORKFLOWS} == {
        "lint.yml": ["make lint"],
        "tests.yml": [".ci/run"],
    }
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o100


def test_workflows_may_only_read() -> None:
    for workflow in WORKFLOWS:
        assert "\npermissions:\n  contents: read\n" in workflow.read_text("utf-8"), workflow.name


def test_hooks_are_local_and_run_what_lint_runs() -> None:
    """A hook of a remote repository would bring a second version of a tool."""
    text = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    assert re.findall(r"repo: (.+)", text) == ["local"]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    entries = re.findall(r"entry: (.+)", text)
    assert [entry.split()[0] for entry in entries] == [".venv/bin/ruff", ".venv/bin/ruff", ".venv/bin/mypy", "make"]
    assert "\nlint-js:" in makefile
    for tool in ("$(BIN)/ruff check", "$(BIN)/ruff format --check", "$(BIN)/mypy"):
        assert tool in makefile and tool.replace("$(BIN)", ".venv/bin") in text
