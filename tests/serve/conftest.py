"""Real servers for the tests of this folder; each is ended with its whole family."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.make import Make
from widget_server.config import Config

from .server import Server


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Makes servers that are not started yet; `servers()` has the folder `tmp_path`."""
    made: list[Server] = []

    def make(*arguments: str, folder: Path = tmp_path, **settings: object) -> Server:
        made.append(Server(folder, *arguments, **settings))
        return made[-1]

    yield make
    for server in made:
        server.end()


@pytest.fixture
def filled(app: Flask, config: Config, make: Make) -> Config:
    """A database with some chats in it, and nobody connected."""
    site = make.site()
    make.survey(site)
    for _ in range(3):
        make.end(site, make.chat(site))
    app.extensions["tilfreds_engines"].dispose()
    return config
