"""Fixtures of most tests. Those that need a database get SQLite; `ON_BOTH` of databases.py adds PostgreSQL."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from widget_server.core import clock as product_clock
from widget_server.core.config import Config
from widget_server.storage.db import db

from .applications import Applications
from .back_end import Api
from .databases import SharedDatabase, copy_of, memory_folder, migrated_file
from .factories import MadeSite, Make
from .folder_report import FolderReport
from .frozen_clock import SetClock
from .postgres import Postgres, running

SECRET_KEY = b"9f3Kq7Zt2LxW8vRm4YbN6cHd1PjS5gUa"


#: Fixtures that start real servers: a test that takes one is marked `server`, which `make test-quick` leaves out.
SERVERS = {"product", "servers", "shared_server", "interrupted_server", "restarted_server"}


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(FolderReport())


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without the garbage collector, which would walk through all modules many times, then and in each test."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if SERVERS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.server)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of this test run's own."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def shared_database(postgres: Postgres) -> SharedDatabase:
    return SharedDatabase(postgres)


@pytest.fixture(scope="session")
def template_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated_file(tmp_path_factory.mktemp("template") / "template.sqlite3")


@pytest.fixture(scope="session")
def database_folder() -> Iterator[Path]:
    with memory_folder() as folder:
        yield folder


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the address of a migrated database without a row."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return copy_of(request.getfixturevalue("template_file"), request.getfixturevalue("database_folder"))
    shared: SharedDatabase = request.getfixturevalue("shared_database")
    return shared.emptied()


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Config:
    """The settings of `app`. A test module that needs others overrides this fixture with `dataclasses.replace`."""
    return Config(
        data_dir=tmp_path, database_url=database_url, secret_keys=(SECRET_KEY,), public_url="http://localhost"
    )


@pytest.fixture(scope="session")
def applications() -> Applications:
    return Applications()


@pytest.fixture
def app(config: Config, applications: Applications) -> Iterator[Flask]:
    """The web application. A test that changes more of one than its settings makes its own with `create_app`."""
    with applications.lend(config) as lent:
        yield lent


@pytest.fixture
def session(app: Flask) -> Iterator[Any]:
    """`db.session` inside an application context, for tests of the capabilities without HTTP.

    Its transaction holds SQLite's writing connection until it ends: commit before anything else is to write.
    """
    with app.app_context():
        yield db.session


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def make(client: FlaskClient, config: Config) -> Make:
    return Make(client, config.secret_keys)


@pytest.fixture
def site(make: Make) -> MadeSite:
    """A site that allows https://shop.example, with its public key, signing secret and API key; no survey yet."""
    return make.site()


@pytest.fixture
def api(client: FlaskClient, site: MadeSite) -> Api:
    return Api(client, site.api_key)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Tuesday 3 March 2026, 10:00 UTC, until moved."""
    status = SetClock(datetime(2026, 3, 3, 10, 0, tzinfo=UTC))
    monkeypatch.setattr(product_clock, "now", status.now)
    return status
