"""Places to vote at, and the program that votes there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.databases import copy_of

from .crowd import Place, Voter, place, voter


@pytest.fixture
def places(template_file: Path, tmp_path: Path) -> Callable[[str], Place]:
    """Makes a place on SQLite in a folder of its own."""

    def make(name: str) -> Place:
        folder = tmp_path / name
        folder.mkdir()
        return place(folder, copy_of(template_file, folder))

    return make


@pytest.fixture
def here(places: Callable[[str], Place]) -> Place:
    return places("here")


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Voter]:
    with voter(tmp_path) as made:
        yield made
