"""A report of the duration of each test folder at the end of a run, which makes growth visible."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest


class FolderReport:
    """The sums of a run. Subtests are part of their test."""

    def __init__(self) -> None:
        self.cases: Counter[str] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if isinstance(report, pytest.SubtestReport):
            return
        folder = folder_of(report.nodeid)
        self.cases[folder] += report.when == "call"
        self.seconds[folder] += report.duration

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.seconds:
            return
        terminalreporter.section("seconds and cases by folder")
        for folder, seconds in sorted(self.seconds.items(), key=lambda entry: -entry[1]):
            terminalreporter.write_line(to_line(folder, seconds, self.cases[folder]))
        terminalreporter.write_line(to_line("all", sum(self.seconds.values()), self.cases.total()))


def folder_of(nodeid: str) -> str:
    """Return "tests/api" for "tests/api/test_votes.py::test_x"; deeper folders count for their top folder."""
    *folders, _ = nodeid.partition("::")[0].split("/")
    return "/".join(folders[:2])


def to_line(folder: str, seconds: float, cases: int) -> str:
    return f"{folder:<20} {seconds:8.1f} s {cases:6} cases"
