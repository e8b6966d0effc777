"""Real servers for the tests of this folder; each is ended with its whole family."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.factories import Make
from tests.serving import Product, running
from widget_server.core.config import Config

from .server import Server, assert_ended_cleanly, interrupt

#: Of the proxy in docs/operate/deploy/nginx.conf.
NAME = "ratings.example.org"


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


@pytest.fixture(scope="package")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A server behind a proxy, for tests that neither stop it nor need other settings. Its processes may be killed."""
    with running(tmp_path_factory.mktemp("shared"), public_url=f"https://{NAME}", trusted_proxies=1) as server:
        yield server
        assert server.stop(signal.SIGTERM) == 0
        assert_ended_cleanly(server)


@pytest.fixture(scope="package")
def interrupted_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with no settings of its own, whose first start was interrupted."""
    server = Server(tmp_path_factory.mktemp("interrupted"))
    try:
        interrupt(server, 0.02)
        yield server
    finally:
        server.end()


@pytest.fixture
def restarted_server(interrupted_server: Server) -> Server:
    """The same, started again. A test may stop it."""
    return interrupted_server.started() if interrupted_server.has_ended() else interrupted_server


@pytest.fixture
def filled(app: Flask, config: Config, make: Make) -> Config:
    """A database with some chats in it, and nobody connected."""
    site = make.site()
    make.survey(site)
    for _ in range(3):
        make.end(site, make.chat(site))
    app.extensions["tilfreds_engines"].dispose()
    return config
