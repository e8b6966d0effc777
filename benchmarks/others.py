"""Servers that the product is compared with: a naive implementation on gunicorn, and the comment server Isso.

Both run from a separate environment (`requirements/bench.txt`, installed by `make bench`), with two workers, as usual
on two cores.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.serve.server import free_port

GUNICORN = str(Path(sys.prefix) / "bench" / "bin" / "gunicorn")
WORKERS = "2"
ISSO = """[general]
dbpath = {folder}/comments.db
host = https://shop.example
[server]
public-endpoint = http://127.0.0.1:{port}
[guard]
enabled = false
[hash]
algorithm = none
"""


@contextlib.contextmanager
def run_naive(folder: Path, prefix: Sequence[str] = ()) -> Iterator[str]:
    """Run the naive implementation, with `prefix` before its command, and yield its address."""
    folder.mkdir(parents=True)
    port = free_port(1)
    arguments = [
        "--preload",
        "--threads",
        "4",
        "-w",
        WORKERS,
        "-b",
        f"127.0.0.1:{port}",
        "benchmarks.naive_app:make_app()",
    ]
    environ = {"NAIVE_DATABASE_URL": f"sqlite:///{folder / 'naive.sqlite3'}"}
    with _run_process([*prefix, GUNICORN, "--log-level", "warning", *arguments], port, environ):
        yield f"http://127.0.0.1:{port}/w/key/votes"


@contextlib.contextmanager
def run_isso(folder: Path) -> Iterator[str]:
    """Run Isso and yield the address that accepts comments."""
    folder.mkdir(parents=True)
    port = free_port(1)
    settings = folder / "isso.cfg"
    settings.write_text(ISSO.format(folder=folder, port=port))
    command = [GUNICORN, "--log-level", "error", "-w", WORKERS, "-b", f"127.0.0.1:{port}", "isso.run"]
    with _run_process(command, port, {"ISSO_SETTINGS": str(settings)}):
        yield f"http://127.0.0.1:{port}/new?uri=%2Fhelp"


@contextlib.contextmanager
def _run_process(command: Sequence[str], port: int, environ: Mapping[str, str]) -> Iterator[None]:
    if not Path(GUNICORN).exists():
        raise SystemExit(f"{GUNICORN} is missing. Run `make bench`, which installs the servers for the comparison.")
    root = str(Path(__file__).parents[1])
    process = subprocess.Popen(
        command,
        cwd=root,
        env={**os.environ, **environ, "PYTHONPATH": root},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_until_ready(process, port)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 15)
        process.wait(20)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(400):
        if process.poll() is not None:
            raise SystemExit(f"{process.args!r} ended with {process.returncode}")
        with contextlib.suppress(OSError):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()
            except urllib.error.HTTPError as error:
                error.close()
            return
        time.sleep(0.05)
    raise SystemExit(f"{process.args!r} did not start")
