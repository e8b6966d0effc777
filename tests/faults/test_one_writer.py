"""SQLite's file has one process that writes and checkpoints, whatever else looks at it: that is what keeps the bug of
its log (3.7.0 to 3.51.2) away.

The lock, second servers and refusing commands are in tests/serve/test_refusals.py, the settings of each connection in
tests/storage/test_sqlite.py.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.absent import absent
from tests.serve.server import COMMAND, PATIENCE_SECONDS
from tests.serving import UNLIMITED, Product

from .readers import reading
from .tracing import refusal

pytestmark = pytest.mark.server
#: The file itself, into which nobody else may move the log. SQLite opens the log as a writer does in any case.
OPENED = re.compile(r'open(?:at)?\(.*"([^"]*/tilfreds\.sqlite3)", ([A-Z_|]+)')
LOOKS = [["check"], ["backup"], ["owner", "link"], ["operator-token"]]
PLANTED = "import sqlite3; sqlite3.connect('tilfreds.sqlite3').execute('SELECT count(*) FROM site').fetchone()"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    made = Product(tmp_path_factory.mktemp("one-writer"), **UNLIMITED)
    made.started()
    yield made
    made.end()


def writers(product: Product) -> set[int]:
    """The processes that have the file open for writing."""
    found = set()
    for pid in product.family():
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            if re.search(r"/tilfreds\.sqlite3$", str(entry.readlink())):
                flags = Path(f"/proc/{pid}/fdinfo/{entry.name}").read_text().split("flags:")[1].split()[0]
                if int(flags, 8) & os.O_ACCMODE != os.O_RDONLY:
                    found.add(pid)
    return found


def opened_for_writing(product: Product, command: list[str], log: Path) -> list[str]:
    """What of the database a command opens so that it could write to it."""
    if refusal():
        absent(refusal())
    traced = ["strace", "-f", "-e", "trace=open,openat", "-o", str(log), *command]
    subprocess.run(
        traced, cwd=product.folder, env=product.environ, capture_output=True, timeout=PATIENCE_SECONDS, check=True
    )
    seen = OPENED.findall(log.read_text())
    return [path for path, flags in seen if "O_RDONLY" not in flags]


def test_one_process_of_a_server_alone_can_write(product: Product) -> None:
    with reading(product) as readers:
        assert product.get("/health/ready") == 200
        while not readers.acknowledged:
            assert not readers.refused
    (writer,) = writers(product)
    assert writer == product.of("web.py")[-1]


@pytest.mark.parametrize("command", LOOKS, ids=" ".join)
def test_commands_beside_a_server_only_read(product: Product, tmp_path: Path, command: list[str]) -> None:
    target = [str(tmp_path / "copy")] if command == ["backup"] else []
    assert opened_for_writing(product, [*COMMAND, *command, *target], tmp_path / "trace") == []


def test_a_second_writer_is_found(product: Product, tmp_path: Path) -> None:
    assert opened_for_writing(product, [sys.executable, "-c", PLANTED], tmp_path / "trace")
