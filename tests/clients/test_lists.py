"""The lists of words in both clients are those of the server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from widget_server.conversations.models import CHANNELS
from widget_server.inbox.transcripts import State
from widget_server.ratings.models import STANDINGS
from widget_server.surveys.scales import TONES

CLIENTS = Path(__file__).parents[2] / "clients"
LISTS = {"tone": TONES.values(), "standing": STANDINGS, "channel": CHANNELS}


@pytest.fixture(scope="module")
def javascript() -> str:
    return (CLIENTS / "javascript" / "index.d.ts").read_text("utf-8")


@pytest.fixture(scope="module")
def python() -> str:
    return (CLIENTS / "python" / "tilfreds_client" / "shapes.py").read_text("utf-8")


def test_the_types_of_javascript_list_the_servers_words(javascript: str) -> None:
    for name, words in LISTS.items():
        unions = re.findall(rf'\b{name}\??: ((?:"\w+"(?: \| )?)+);', javascript)
        assert unions, name
        for union in unions:
            assert set(re.findall(r"\w+", union)) == set(words), name


def test_the_comments_of_python_list_the_servers_words(python: str) -> None:
    lists = re.findall(r"#: ([\w, ]+)\.\n    (\w+):", python)
    listed = {name: set(re.split(", | or ", words)) for words, name in lists}
    for name in ("tone", "standing"):
        assert listed[name] == set(LISTS[name])


def test_both_clients_list_the_states_of_a_segment(javascript: str, python: str) -> None:
    (union,) = re.findall(r'\bstate: ("rated"[^;]+);', javascript)
    (comment,) = re.findall(r"#: (rated, [\w, ]+)\.", python)
    assert set(re.findall(r"\w+", union)) == set(re.split(", | or ", comment)) == set(get_args(State))
