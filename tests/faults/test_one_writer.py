"""Only one process writes and checkpoints SQLite's file, which avoids the bug of its log (3.7.0 to 3.51.2).

The lock, second servers and rejecting commands are in tests/serve/test_refusals.py, the settings of each connection in
tests/storage/test_sqlite.py.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serve.server import PATIENCE_SECONDS, wait_until
from tests.serving import Product
from tests.skip import skip_missing

from .readers import reading
from .tracing import refusal

pytestmark = pytest.mark.server
#: The file itself, into which no other process may move the log. SQLite opens the log for writing in any case.
OPENED = re.compile(r'open(?:at)?\(.*"([^"]*/tilfreds\.sqlite3)", ([A-Z_|]+)')
LOOKS = ["check", "backup copy", "owner link", "operator-token"]
#: Runs each command after an attempt to open a file of its name, so that the trace shows which one opened a file.
LOOK = """
import contextlib, sys
from widget_server.cli import main
for command in sys.argv[1:]:
    with contextlib.suppress(FileNotFoundError):
        open(command)
    assert not main(command.split(), standalone_mode=False)
"""
PLANTED = "import sqlite3; sqlite3.connect('tilfreds.sqlite3').execute('SELECT count(*) FROM site').fetchone()"


def writers(product: Product) -> set[int]:
    """Return the processes that have the file open for writing."""
    pids = set()
    for pid in product.family():
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            if re.search(r"/tilfreds\.sqlite3$", str(entry.readlink())):
                flags = Path(f"/proc/{pid}/fdinfo/{entry.name}").read_text().split("flags:")[1].split()[0]
                if int(flags, 8) & os.O_ACCMODE != os.O_RDONLY:
                    pids.add(pid)
    return pids


def trace_of(product: Product, program: str, *arguments: str) -> str:
    """Return every call by which a Python program opened a file."""
    if refusal():
        skip_missing(refusal())
    log = product.folder / "trace"
    # Without --seccomp-bpf strace would stop at every other call, too.
    strace = ["strace", "-f", "--seccomp-bpf", "-e", "trace=open,openat", "-o", str(log)]
    subprocess.run(
        [*strace, sys.executable, "-P", "-c", program, *arguments],
        cwd=product.folder,
        env=product.environ,
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )
    return log.read_text()


def opened_for_writing(trace: str) -> list[str]:
    """Return the files of the database that were opened for writing."""
    return [path for path, flags in OPENED.findall(trace) if "O_RDONLY" not in flags]


def test_only_one_process_of_a_server_can_write(shared_product: Product) -> None:
    with reading(shared_product) as readers:
        assert shared_product.get("/health/ready") == 200
        assert wait_until(lambda: readers.acknowledged or readers.refused)
        assert not readers.refused
    (writer,) = writers(shared_product)
    assert writer == shared_product.of("web.py")[-1]


def test_commands_beside_a_server_only_read(shared_product: Product, subtests: pytest.Subtests) -> None:
    trace = trace_of(shared_product, LOOK, *LOOKS)
    for command, following in zip(LOOKS, [*LOOKS[1:], None], strict=True):
        _, begin, rest = trace.partition(f'"{command}"')
        with subtests.test(command=command):
            assert begin
            assert opened_for_writing(rest.partition(f'"{following}"')[0]) == []


def test_a_second_writer_is_found(shared_product: Product) -> None:
    assert opened_for_writing(trace_of(shared_product, PLANTED))
