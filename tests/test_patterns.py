"""Every pattern takes linear time, also for a text that is made to be slow (C18)."""

from __future__ import annotations

import importlib
import re
import time
from collections.abc import Iterator

import pytest

from tests.test_architecture import name_of, sources

LENGTH = 100_000
#: A linear search takes about a millisecond, one with overlapping repetitions minutes.
MAX_SECONDS = 2.0
#: Repeated characters on which repetitions overlap, with an end that fits nothing.
PARTS = (
    "a",
    " ",
    "-",
    ".",
    "0",
    "/",
    "@",
    ":",
    "<",
    "\t",
    "a.",
    "a-",
    "a@",
    "0,",
    "a ",
    "/a",
    "a=",
    "1:",
    "aA",
    "\u0301",
)
METHODS = ("match", "fullmatch", "search", "sub", "split", "findall", "finditer")
#: Read once at the start, from the operator's environment.
OF_OPERATOR = {"core.settings_parser.WIDGET_FILE"}
#: Loading it replaces the blocking calls of its process.
NOT_IMPORTED = {("serve", "live"), ("migrations", "env")}


def used_patterns() -> Iterator[tuple[str, re.Pattern[str], set[str]]]:
    """Yield the patterns at the top of modules: their place, and the methods that the product calls on them."""
    code = "\n".join(path.read_text() for path in sources())
    for path in sources():
        if "re.compile(" not in path.read_text() or name_of(path) in NOT_IMPORTED:
            continue
        module = importlib.import_module(".".join(("widget_server", *name_of(path))))
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                methods = set(re.findall(rf"\b{name}\.({'|'.join(METHODS)})\b", code))
                yield f"{'.'.join(name_of(path))}.{name}", value, methods


def run(pattern: re.Pattern[str], method: str, text: str) -> None:
    result = pattern.sub("", text) if method == "sub" else getattr(pattern, method)(text)
    if method == "finditer":
        list(result)


@pytest.mark.slow
def test_every_pattern_takes_linear_time(subtests: pytest.Subtests) -> None:
    patterns = {place: (pattern, methods) for place, pattern, methods in used_patterns() if place not in OF_OPERATOR}
    assert len(patterns) > 15
    for place, (pattern, methods) in patterns.items():
        with subtests.test(pattern=place, methods=methods):
            for part in PARTS:
                started_at = time.thread_time()
                for method in methods:
                    run(pattern, method, (part * LENGTH)[:LENGTH] + "!\x00")
                assert time.thread_time() - started_at < MAX_SECONDS, f"slow for {part!r}"
