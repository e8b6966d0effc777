"""PostgreSQL becomes read-only or ends connections: 503 and not ready, never 500, and it recovers by itself."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.back_end import Api
from tests.databases import ON_POSTGRESQL
from tests.factories import MadeSite, Make
from tests.postgres import Postgres
from tests.serve.server import wait_until
from tests.widget.conftest import Page, press_id
from widget_server.storage.db import engines_of
from widget_server.storage.engines import engine_options, make_engines

pytestmark = [pytest.mark.postgresql, ON_POSTGRESQL]
READ_ONLY = "default_transaction_read_only"


@pytest.fixture
def app(app: Flask) -> Iterator[Flask]:
    """Yield the application, and close its connections, which a test may have ended."""
    yield app
    engines_of(app).dispose()


@pytest.fixture
def page(client: FlaskClient, site: MadeSite, make: Make) -> Page:
    return Page(client, site.key, str(make.survey(site, "article").revision))


def write_calls(page: Page, api: Api) -> dict[str, Callable[[], Any]]:
    """Return calls that write before they return. An impression is written later (widget/test_views.py)."""
    return {
        "a vote": lambda: page.vote({"kind": "article", "subject": "/a"}, 3, id=press_id()),
        "the API": lambda: api.put("/agents/a1", {"name": "Sam"}),
        "a conversation": lambda: api.put("/conversations/c1", {"channel": "chat"}),
    }


@contextmanager
def read_only(postgres: Postgres) -> Iterator[None]:
    """Make the server refuse writes, in open connections too, as a demoted primary does."""

    def set_read_only(value: str) -> None:
        with postgres.connect() as connection:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute(f"ALTER SYSTEM SET {READ_ONLY} = {value}")
            connection.execute("SELECT pg_reload_conf()")
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with postgres.connect() as connection:
                if connection.execute(f"SHOW {READ_ONLY}").fetchone() == (value,):
                    return
            time.sleep(0.01)
        raise AssertionError("the setting was not loaded")

    set_read_only("on")
    try:
        yield
    finally:
        set_read_only("off")


def end_connections(postgres: Postgres) -> None:
    """End every connection of the application, as a failover or an administrator does (57P01)."""
    with postgres.connect("shared") as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def is_refused(call: Callable[[], Any]) -> bool:
    return bool(call().status_code >= 300)


def assert_unavailable(response: Any) -> None:
    assert (response.status_code, response.get_json()["code"]) == (503, "unavailable")
    assert int(response.headers["Retry-After"]) > 0


def test_a_read_only_database_is_unavailable_until_it_is_writable(
    client: FlaskClient, page: Page, api: Api, postgres: Postgres, subtests: pytest.Subtests
) -> None:
    calls = write_calls(page, api)
    for call in calls.values():
        assert call().status_code < 300
    with read_only(postgres):
        for name, call in calls.items():
            with subtests.test(name):
                # An open connection reads the changed setting a moment later.
                wait_until(functools.partial(is_refused, call))
                assert_unavailable(call())
        with subtests.test("ready"):
            assert_unavailable(client.get("/health/ready"))
            assert client.get("/health/live").status_code == 200
    assert client.get("/health/ready").status_code == 200
    for name, call in calls.items():
        with subtests.test(f"{name}, writable again"):
            assert call().status_code < 300


def test_open_connections_notice_that_the_database_is_read_only(
    client: FlaskClient, page: Page, postgres: Postgres
) -> None:
    """A check that only reads would succeed on a connection from before."""
    assert client.get("/health/ready").status_code == 200
    with read_only(postgres):
        assert_unavailable(client.get("/health/ready"))


def test_ended_connections_are_unavailable_once(
    app: Flask, client: FlaskClient, page: Page, api: Api, postgres: Postgres, subtests: pytest.Subtests
) -> None:
    calls: dict[str, Callable[[], Any]] = {
        **write_calls(page, api),
        "ready": lambda: client.get("/health/ready"),
        "a list": lambda: api.get("/votes"),
        "the widget": lambda: client.get(f"/w/{page.key}.js"),
    }
    for name, call in calls.items():
        with subtests.test(name):
            assert call().status_code < 300
            end_connections(postgres)
            # The first error discards all connections of the pool, whichever of them the first call gets.
            responses = [call() for _ in range(4)]
            refused = [response for response in responses if response.status_code >= 300]
            assert len(refused) <= 1
            for response in refused:
                assert_unavailable(response)


def test_every_state_of_a_lost_database_counts_as_a_lost_connection(
    app: Flask, client: FlaskClient, page: Page, subtests: pytest.Subtests
) -> None:
    """Raise each error in the database itself, whichever class the driver gives it."""
    engine = engines_of(app).write
    for state in ("25006", "57P01", "57P02", "57P03"):
        with subtests.test(state):
            connection = engine.connect()
            process = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
            statement = f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$"
            with pytest.raises(Exception, match="x") as error:
                connection.exec_driver_sql(statement)
            assert error.value.connection_invalidated  # type: ignore[attr-defined]
            connection.close()
            with engine.connect() as next_connection:
                assert next_connection.exec_driver_sql("SELECT pg_backend_pid()").scalar() != process


def test_connections_notice_a_dead_machine(database_url: str) -> None:
    """Without these options a connection to a machine that lost its cable hangs for two hours."""
    engine = make_engines(database_url).write
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        parameters = driver.info.get_parameters()
    engine.dispose()
    assert parameters["keepalives_idle"] and parameters["keepalives_interval"] and parameters["keepalives_count"]
    assert int(parameters["tcp_user_timeout"]) > 0
    assert parameters["target_session_attrs"] == "read-write"


def test_options_of_the_address_win(database_url: str) -> None:
    options = engine_options(f"{database_url}&target_session_attrs=any&keepalives_idle=99")[None]
    assert options["connect_args"].keys().isdisjoint({"target_session_attrs", "keepalives_idle"})
