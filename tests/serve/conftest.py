"""Real servers for the tests of this folder; each is ended with all its processes."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.factories import Make
from tests.serving import Product, running
from widget_server.core.config import Config

from .nginx import NAME, Proxied, proxied_server
from .server import Server, assert_ended_cleanly, interrupt


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Yield a function that makes servers that are not started yet, by default in the folder `tmp_path`."""
    made_servers: list[Server] = []

    def make(*arguments: str, folder: Path = tmp_path, **settings: object) -> Server:
        made_servers.append(Server(folder, *arguments, **settings))
        return made_servers[-1]

    yield make
    for server in made_servers:
        server.end()


@pytest.fixture(scope="package")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Run a server behind a proxy, for tests that do not stop it or change settings; they may kill processes."""
    with running(tmp_path_factory.mktemp("shared"), public_url=f"https://{NAME}", trusted_proxies=1) as server:
        yield server
        assert server.stop(signal.SIGTERM) == 0
        assert_ended_cleanly(server)


@pytest.fixture(scope="package")
def proxied(shared_server: Product, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    """Run nginx with the shipped file in front of the shared server."""
    with proxied_server(shared_server, tmp_path_factory.mktemp("nginx")) as proxy:
        yield proxy


@pytest.fixture(scope="package")
def interrupted_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Make a server with default settings whose first start was interrupted."""
    server = Server(tmp_path_factory.mktemp("interrupted"))
    try:
        interrupt(server, 0.02)
        yield server
    finally:
        server.end()


@pytest.fixture
def restarted_server(interrupted_server: Server) -> Server:
    """Return the interrupted server, started again. A test may stop it."""
    return interrupted_server.started() if interrupted_server.has_ended() else interrupted_server


@pytest.fixture
def filled(app: Flask, config: Config, make: Make) -> Config:
    """Create a database with some chats and no connections."""
    site = make.site()
    make.survey(site)
    for _ in range(3):
        make.end(site, make.chat(site))
    app.extensions["tilfreds_engines"].dispose()
    return config
