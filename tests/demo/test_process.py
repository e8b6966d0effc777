"""The shop as a separate process."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serve.server import free_port, listens, wait_until
from widget_server.demo import process

KEYS = {"site_key": "sitekey", "api_key": "tfk_x", "signing_secret": "tfs_k1_x"}
#: Packages that the product uses and the shop must not load.
FOREIGN = ("widget_server", "sqlalchemy", "flask_sqlalchemy", "flask_smorest", "cryptography")


@pytest.fixture
def port() -> int:
    return free_port(1)


@pytest.fixture
def shop(tmp_path: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(KEYS))
    # -X importtime lists the loaded modules on standard error.
    argv = [sys.executable, "-P", "-X", "importtime", process.__file__, "127.0.0.1", str(port), "http://127.0.0.1:9"]
    with (tmp_path / "loaded.txt").open("wb") as file:
        shop_process = subprocess.Popen([*argv, str(keys)], cwd=tmp_path, stderr=file)
    assert wait_until(lambda: listens(port))
    yield shop_process
    shop_process.kill()
    shop_process.wait()


def test_the_shop_loads_nothing_of_the_product(shop: subprocess.Popen[bytes], port: int, tmp_path: Path) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/shop", timeout=60) as answer:
        assert b"/w/sitekey.js" in answer.read()
    lines = (tmp_path / "loaded.txt").read_text().splitlines()
    loaded = {line.rpartition("|")[2].strip().split(".")[0] for line in lines if "|" in line}
    assert "flask" in loaded
    assert loaded.isdisjoint(FOREIGN)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_shop_at_once(shop: subprocess.Popen[bytes], number: int) -> None:
    shop.send_signal(number)
    assert shop.wait(timeout=60) == 0
