"""Tests that the word lists of both clients are those of the server."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

import pytest

from widget_server.conversations.models import CHANNELS
from widget_server.inbox.transcripts import SegmentStatus
from widget_server.ratings.models import VOTE_STATUSES
from widget_server.surveys.scales import SENTIMENTS

CLIENTS = Path(__file__).parents[2] / "clients"
#: The word lists of each field. Other fields have none.
LISTS: dict[str, list[Iterable[str]]] = {
    "sentiment": [SENTIMENTS.values()],
    "status": [VOTE_STATUSES, get_args(SegmentStatus)],
    "channel": [CHANNELS],
}


@pytest.fixture(scope="module")
def javascript() -> str:
    return (CLIENTS / "javascript" / "index.d.ts").read_text("utf-8")


@pytest.fixture(scope="module")
def python() -> str:
    return (CLIENTS / "python" / "tilfreds_client" / "shapes.py").read_text("utf-8")


def as_sets(lists: Iterable[Iterable[str]]) -> set[frozenset[str]]:
    return {frozenset(words) for words in lists}


def test_the_types_of_javascript_list_the_servers_words(javascript: str) -> None:
    for name, lists in LISTS.items():
        unions = re.findall(rf'\b{name}\??:\s((?:\s*\|?\s*"\w+")+);', javascript)
        assert as_sets(re.findall(r"\w+", union) for union in unions) == as_sets(lists), name


def test_the_comments_of_python_list_the_servers_words(python: str) -> None:
    comments = re.findall(r"#: ([\w, ]+)\.\n    (\w+):", python)
    for name in ("sentiment", "status"):
        lists = [re.split(", | or ", words) for words, field in comments if field == name and "," in words]
        assert as_sets(lists) == as_sets(LISTS[name]), name
