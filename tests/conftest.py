"""Fixtures of most tests. Those with a database use SQLite; `ON_BOTH` of databases.py adds PostgreSQL."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from widget_server.accounts import passwords
from widget_server.core import clock as product_clock
from widget_server.core.config import Config
from widget_server.storage.db import db
from widget_server.widget.view_sums import ViewSums

from .applications import Applications
from .back_end import Api
from .databases import SharedDatabase, copy_of, memory_folder, migrated_file
from .factories import MadeSite, Make
from .folder_report import FolderReport
from .frozen_clock import SetClock
from .mailbox import Mailbox, serving
from .postgres import Postgres, running

SECRET_KEY = b"9f3Kq7Zt2LxW8vRm4YbN6cHd1PjS5gUa"
#: What hashes passwords outside of tests.
SHIPPED_HASHER = passwords.HASHER

#: Fixtures that start real servers. A test that uses one is marked `server`, which `make test-quick` leaves out.
SERVERS = {"product", "servers", "shared_server", "interrupted_server", "restarted_server"}


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(FolderReport())


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect tests without the garbage collector, which would traverse all modules again and again."""
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
    """Start a private PostgreSQL for this test run."""
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
    """Return the address of a migrated database without rows."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return copy_of(request.getfixturevalue("template_file"), request.getfixturevalue("database_folder"))
    shared: SharedDatabase = request.getfixturevalue("shared_database")
    return shared.empty()


@pytest.fixture(autouse=True)
def views_written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write each impression before its response, because tests read the counts at once."""
    monkeypatch.setattr(ViewSums, "start", ViewSums.write)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords in a fraction of a millisecond, because those of a test need no protection."""
    monkeypatch.setattr(passwords, "REST_RATIO", 0)
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def config(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Config:
    """Return the settings of `app`. A module that needs others overrides this fixture with `dataclasses.replace`.

    A test with `clock` gets it first, so that nothing is published or asked later than the time of the test.
    """
    if "clock" in request.fixturenames:
        request.getfixturevalue("clock")
    return Config(
        data_dir=tmp_path,
        database_url=database_url,
        secret_keys=(SECRET_KEY,),
        public_url="http://localhost",
        # A test that moves the clock stays signed in.
        session_idle_hours=336,
    )


@pytest.fixture(scope="session")
def applications() -> Iterator[Applications]:
    lent = Applications()
    yield lent
    lent.disconnect()


@pytest.fixture
def app(config: Config, applications: Applications) -> Iterator[Flask]:
    """Yield the web application. A test that changes more than its settings has to make another with `create_app`."""
    with applications.lend(config) as shared_app:
        yield shared_app


@pytest.fixture(scope="session")
def mail_server() -> Iterator[Mailbox]:
    with serving(Mailbox()) as mailbox:
        yield mailbox


@pytest.fixture
def mailbox(mail_server: Mailbox) -> Mailbox:
    """Return an empty mailbox on a running mail server."""
    mail_server.empty()
    return mail_server


@pytest.fixture
def session(app: Flask) -> Iterator[Any]:
    """Yield `db.session` inside an application context, for tests of the capabilities without HTTP.

    Its transaction holds SQLite's writing connection until it ends, so commit before another caller writes.
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
    """Make a site that allows https://shop.example, with its public key, signing secret and API key but no survey."""
    return make.site()


@pytest.fixture
def api(client: FlaskClient, site: MadeSite) -> Api:
    return Api(client, site.api_key)


@pytest.fixture
def auditor(make: Make, site: MadeSite) -> Api:
    """Return the API with a key that reads the audit log of the site."""
    return make.auditor(site)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Set the clock to Tuesday 3 March 2026, 10:00 UTC, until a test moves it."""
    frozen_clock = SetClock(datetime(2026, 3, 3, 10, 0, tzinfo=UTC))
    monkeypatch.setattr(product_clock, "now", frozen_clock.now)
    return frozen_clock
