"""`tilfreds demo`: one command starts a working shop, article and agent's page."""

from __future__ import annotations

import re
import shutil
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from widget_server.cli import REFUSED
from widget_server.commands import demo

from .server import Server, call, free_port, wait_until

Servers = Callable[..., Server]


def test_it_ignores_other_settings(tmp_path: Path) -> None:
    around = {"DATA_DIR": str(tmp_path), "DATABASE_URL": "postgresql://db/real", "PUBLIC_URL": "https://rate.example"}
    around |= {"SECRET_KEYS_FILE": "/run/secret", "HOST": "::1", "PORT": "9000", "PATH": "/bin", "LIVE_PORT": "7"}
    own = demo.demo_environ(around)
    assert own == {
        "DATA_DIR": str(tmp_path / "demo"),
        "DATABASE_URL": f"sqlite:///{tmp_path}/demo/demo.sqlite3",
        "HOST": "::1",
        "PORT": "9000",
        "PATH": "/bin",
        "LOG_LEVEL": "warning",
    }


@pytest.mark.server
def test_the_demo_serves_what_it_prints(servers: Servers, tmp_path: Path) -> None:
    """Check that it uses the next free ports, runs once, and is never mistaken for a real server."""
    port = free_port(6)
    with socket.socket() as busy:
        # A connection that ended recently does not block the port.
        busy.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        busy.bind(("127.0.0.1", port + 1))
        busy.listen()
        demo = servers("demo", port=port).started()
        printed_text = demo.output()
        shop = f"http://127.0.0.1:{port + 4}"
        assert f"http://127.0.0.1:{port + 2}" in printed_text and shop in printed_text
        assert demo.status_of(port + 4, "/") == 200
        link = re.search(r"http://\S+/console/sign-in/\S+", printed_text)
        assert link is not None
        assert demo.status_of(port + 2, link[0].partition(f":{port + 2}")[2]) == 200
        second = call(tmp_path, "demo", port=port)
        assert second.returncode == REFUSED and "held by" in second.stderr
        assert call(tmp_path, "demo", "--reset", port=port).returncode == REFUSED
        assert demo.stop() == 0
    assert wait_until(demo.is_gone)
    assert "Traceback" not in demo.output()

    real = tmp_path / "real"
    real.mkdir()
    shutil.copyfile(tmp_path / "demo" / "demo.sqlite3", real / "tilfreds.sqlite3")
    refused = call(real, "serve", port=free_port())
    assert refused.returncode == REFUSED and "is a demo" in refused.stderr


@pytest.mark.server
@pytest.mark.long
def test_its_data_survives_a_restart_and_is_reset_on_demand(servers: Servers, tmp_path: Path) -> None:
    first = servers("demo", port=free_port(3)).started()
    assert first.stop() == 0
    key = site_key(tmp_path)
    again = servers("demo", port=free_port(3)).started()
    assert again.stop() == 0 and site_key(tmp_path) == key
    afresh = servers("demo", "--reset", port=free_port(3)).started()
    assert afresh.stop() == 0 and site_key(tmp_path) != key


def site_key(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "demo" / "demo.sqlite3")) as connection:
        ((key,),) = connection.execute("SELECT key FROM site").fetchall()
    return str(key)


@pytest.mark.server
@pytest.mark.long
def test_a_demo_on_another_address_of_this_machine(servers: Servers) -> None:
    demo = servers("demo", host="127.0.0.2", port=free_port(3)).started()
    assert f"Open http://127.0.0.2:{demo.port + 2}" in demo.output()
    assert demo.stop() == 0
