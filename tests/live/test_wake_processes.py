"""Notifications between the processes of a server: two web processes wake the live one, which also reconnects."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.factories import MadeSite
from tests.postgres import Postgres
from widget_server.accounts import live_tokens
from widget_server.core import clock
from widget_server.core.config import Config
from widget_server.events import pg_notify
from widget_server.live import change_source, follower

from ..back_end import Api, done
from ..serving import Product
from .conftest import Live, LiveServer, Reader

pytestmark = [pytest.mark.server, pytest.mark.postgresql]
MAX_MESSAGES = 300
#: So many answers come from both web processes, almost certainly.
ANSWERS = 30


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[Postgres]:
    """Run a server that a test may crash and that keeps committed data."""
    server = Postgres(durable=True)
    yield server
    server.end()


@pytest.fixture(scope="module")
def product(own_postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("woken")
    server = Product(folder, database_url=own_postgres.create("woken"), web_workers=2)
    server.started()
    yield server
    server.end()


@pytest.fixture(scope="module")
def site(product: Product) -> MadeSite:
    return product.make.site()


@pytest.fixture(scope="module")
def token(product: Product, site: MadeSite) -> str:
    """Return a live token of an agent, for one conversation."""
    api = Api(product.client, site.api_key)
    conversation, agent = done(api.put("/conversations/c", {})), done(api.put("/agents/nora", {"name": "Nora"}))
    grant = live_tokens.grant_to_agent(site.id, UUID(agent["id"]), UUID(conversation["id"]), clock.now())
    return live_tokens.write_token(product.make.secret_keys, grant)


@pytest.fixture
def deaf(product: Product, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    """Run a live server on the same database that does not poll within a test's patience."""
    monkeypatch.setattr(change_source, "MAX_DELAY_SECONDS", 600.0)
    monkeypatch.setattr(follower, "RETRY_SECONDS", 0.1)
    config = Config(
        data_dir=product.folder,
        database_url=product.environ["DATABASE_URL"],
        secret_keys=tuple(product.make.secret_keys),
        public_url="http://localhost",
    )
    server = LiveServer(config)
    live = Live(server)
    yield live
    for reader in live.readers:
        reader.close()
    server.stop()


def say(product: Product, site: MadeSite) -> bool:
    """Add a message through one of the web processes; return whether it was saved."""
    message = {"external_id": str(time.monotonic_ns()), "author": "visitor", "text": "Hello"}
    return Api(product.client, site.api_key).post("/conversations/c/messages", message).status_code < 300


def hear(ear: psycopg.Connection[Any], pids: set[int]) -> None:
    pids.update(notification.pid for notification in ear.notifies(timeout=0.05))


def test_every_web_process_serves_a_changed_setting_within_five_seconds(product: Product) -> None:
    """Both processes keep the file for a second, and only one of them makes the change."""
    site = product.make.site()
    product.make.survey(site, "article")
    api, marker = Api(product.client, site.api_key), "#a11ca1"
    for _ in range(ANSWERS):
        assert marker not in served_file(product, site)

    done(api.patch("/site", {"theme": {"colours": {"accent": marker, "paper": "#ffffff"}}}))
    changed_at, new_answers = time.monotonic(), 0
    while new_answers < ANSWERS:
        new_answers = new_answers + 1 if marker in served_file(product, site) else 0
        assert time.monotonic() - changed_at < 5, "a process serves the old file"


def served_file(product: Product, site: MadeSite) -> str:
    """Return the site's file from one of the web processes, each of which answers some new connections."""
    text: str = product.client.get(f"/w/{site.key}.js").get_data(as_text=True)
    return text


def test_the_live_process_is_woken_and_rarely_polls_while_nothing_happens(
    product: Product, own_postgres: Postgres, site: MadeSite, token: str
) -> None:
    reader = open_stream(product, token)
    for _ in range(5):
        assert say(product, site)
        assert reader.changes(1)[0]["kind"] == "message.added"
    with_a_stream = transactions(own_postgres)
    reader.close()
    # A poll every 30 ms would be 83 transactions. The server's other transactions are included.
    assert with_a_stream < 30


def test_the_count_of_transactions_finds_constant_polling(
    product: Product, own_postgres: Postgres, token: str, deaf: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_source, "MAX_DELAY_SECONDS", 0.03)
    deaf.open(token)
    # 83 on an idle machine; a server without the fault has fewer than 30.
    assert transactions(own_postgres) > 35


def test_two_web_processes_wake_it_and_it_survives_a_restart_of_postgresql(
    product: Product, own_postgres: Postgres, site: MadeSite, token: str, deaf: Live
) -> None:
    reader = deaf.open(token)
    pids: set[int] = set()
    with own_postgres.connect("woken") as ear:
        ear.execute(f"LISTEN {pg_notify.CHANNEL}")
        for _ in range(MAX_MESSAGES):
            say(product, site)
            assert reader.changes(1)[0]["kind"] == "message.added"
            hear(ear, pids)
            if len(pids) == 2:
                break
    assert len(pids) == 2, "one of the web processes sent no NOTIFY"

    own_postgres.crash()
    own_postgres.start()

    # The first attempts may use dead connections; saved messages are sent, and at least once.
    saved = [say(product, site) for _ in range(30)]
    assert any(saved)
    assert [change["kind"] for change in reader.changes(sum(saved))] == ["message.added"] * sum(saved)
    for _ in range(3):
        assert say(product, site)
        assert reader.changes(1)[0]["kind"] == "message.added"


def open_stream(product: Product, token: str) -> Reader:
    connection = http.client.HTTPConnection("127.0.0.1", product.port + 1, timeout=60)
    connection.request("GET", "/live/events", headers={"Authorization": f"Bearer {token}"})
    reader = Reader(connection.getresponse(), connection)
    assert reader.next().event == "hello"
    return reader


def transactions(server: Postgres, seconds: float = 2.5) -> int:
    """Count the transactions within the time, which is longer than the second by which PostgreSQL's counts lag."""
    query = "select xact_commit + xact_rollback from pg_stat_database where datname = 'woken'"
    with server.connect() as connection:
        time.sleep(1.2)
        before = connection.execute(query).fetchone()
        time.sleep(seconds)
        after = connection.execute(query).fetchone()
    assert before is not None and after is not None
    return int(after[0] - before[0])
