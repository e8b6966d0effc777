"""PgBouncer in transaction mode in front of PostgreSQL, and a PostgreSQL with few connections."""

from __future__ import annotations

import dataclasses
import logging
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.back_end import Api, done
from tests.databases import ON_POSTGRESQL
from tests.factories import Make
from tests.postgres import USER, Postgres, as_user, running
from tests.serve.server import free_port, listens, wait_until
from tests.skip import skip_missing
from tests.widget.conftest import Page, press_id
from widget_server import create_app
from widget_server.core.config import Config
from widget_server.core.errors import CommandError
from widget_server.events.pg_notify import Listener
from widget_server.serve import postgresql
from widget_server.storage.db import engines_of
from widget_server.storage.engines import make_engines

pytestmark = pytest.mark.postgresql
DEBIAN_PATH = "/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin"
SETTINGS = {"lock_timeout": "5s", "timezone": "UTC"}


@contextmanager
def pooler(postgres: Postgres, folder: Path, mode: str) -> Iterator[str]:
    """Run PgBouncer and yield the address of the database `shared` through it."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path=DEBIAN_PATH)
    if program is None:
        skip_missing("PgBouncer is not installed: `apt-get install pgbouncer` on Debian, `brew install pgbouncer`.")
    port = free_port()
    # The pooler runs as the user of the cluster, who cannot read the folders of the tests.
    place = postgres.folder / f"pooler-{mode}"
    place.mkdir()
    (place / "users").write_text(f'"{USER}" ""\n')
    (place / "ini").write_text(
        f"[databases]\nshared = host={postgres.folder} dbname=shared\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nunix_socket_dir =\nauth_type = trust\nauth_file = {place}/users\n"
        f"pool_mode = {mode}\ndefault_pool_size = 4\nlogfile = {place}/log\n"
    )
    user = as_user()
    if user:
        for path in (place, *place.iterdir()):
            shutil.chown(path, user["user"], user["group"])
    process = subprocess.Popen([program, "-q", str(place / "ini")], stderr=subprocess.PIPE, cwd=place, **user)
    try:
        assert wait_until(lambda: listens(port) or process.poll() is not None)
        assert process.poll() is None, process.stderr and process.stderr.read()
        yield f"postgresql+psycopg://{USER}@127.0.0.1:{port}/shared"
    finally:
        process.terminate()
        process.communicate(timeout=20)
        shutil.rmtree(place)


@contextmanager
def role_settings(postgres: Postgres) -> Iterator[None]:
    with postgres.connect() as connection:
        for name, value in SETTINGS.items():
            connection.execute(f"ALTER ROLE {USER} SET {name} = '{value}'")
        try:
            yield
        finally:
            connection.execute(f"ALTER ROLE {USER} RESET ALL")


@ON_POSTGRESQL
def test_a_pooler_in_transaction_mode_is_found_at_the_start(config: Config, postgres: Postgres, tmp_path: Path) -> None:
    assert not postgresql.is_transaction_pooler(config.database_url)
    with pooler(postgres, tmp_path, "session") as url:
        assert not postgresql.is_transaction_pooler(url)
    with pooler(postgres, tmp_path, "transaction") as url:
        pooled = dataclasses.replace(config, database_url=url)
        with pytest.raises(CommandError, match="set DATABASE_DIRECT_URL"):
            postgresql.check_postgresql(pooled)
        direct_config = dataclasses.replace(pooled, database_direct_url=config.database_url)
        with pytest.raises(CommandError, match=f"ALTER ROLE {USER} SET lock_timeout = '5s'"):
            postgresql.check_postgresql(direct_config)
    # The pooler's connections to the server keep the settings that they began with.
    with role_settings(postgres), pooler(postgres, tmp_path, "transaction") as url:
        [line] = postgresql.check_postgresql(dataclasses.replace(direct_config, database_url=url))
    assert "prepared statements are off" in line


@ON_POSTGRESQL
def test_votes_and_events_pass_a_pooler_in_transaction_mode(config: Config, postgres: Postgres, tmp_path: Path) -> None:
    with pooler(postgres, tmp_path, "transaction") as url, role_settings(postgres):
        app = create_app(dataclasses.replace(config, database_url=url, database_direct_url=config.database_url))
        client = app.test_client()
        make = Make(client, config.secret_keys)
        site = make.site()
        page, api = Page(client, site.key, str(make.survey(site, "article").revision)), Api(client, site.api_key)
        listener = Listener(engines_of(app).direct)
        statuses = []
        # The driver prepares a statement at its sixth use, and another server connection does not know it.
        for number in range(12):
            with engines_of(app).write.begin() as busy:
                busy.exec_driver_sql("SELECT 1")
                done(api.put(f"/conversations/c{number}", {"channel": "chat"}))
            subject = {"kind": "article", "subject": f"/{number % 3}"}
            statuses.append(page.vote(subject, 3, id=press_id()).status_code)
            assert client.get("/health/ready").status_code == 200
        assert statuses == [200] * 12
        assert len(done(api.get("/votes"))["votes"]) == 12
        assert wait_until(listener.receive)
        listener.close()
        engines_of(app).dispose()


def test_a_full_server_is_waited_for_and_named(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    with running(max_connections="8", superuser_reserved_connections="0") as server:
        url = server.create("few")
        [warning] = postgresql.connection_warnings(Config(data_dir=tmp_path, database_url=url))
        assert "allows 8 connections and this server may open 27" in warning
        open_connections = [server.connect("few") for _ in range(8)]
        engines = make_engines(url)
        connected = threading.Event()

        def connect() -> None:
            with engines.write.connect():
                connected.set()

        with caplog.at_level(logging.WARNING):
            thread = threading.Thread(target=connect)
            thread.start()
            assert wait_until(lambda: "too many connections" in caplog.text)
            assert not connected.is_set()
            for connection in open_connections:
                connection.close()
            thread.join(20)
        assert connected.is_set()
        engines.dispose()
