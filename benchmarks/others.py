"""What the product is measured beside: a first draft of it on gunicorn, and the comments of Isso.

Both run from an environment of their own (`requirements/bench.txt`, made by `make bench`), with two workers, as each
would be set up on two cores.
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
def naive(folder: Path, before: Sequence[str] = ()) -> Iterator[str]:
    """The address of a draft that commits each vote by itself. `before` is put before its command."""
    folder.mkdir(parents=True)
    port = free_port(1)
    arguments = ["--preload", "--threads", "4", "-w", WORKERS, "-b", f"127.0.0.1:{port}", "benchmarks.naive_app:make()"]
    environ = {"NAIVE_DATABASE_URL": f"sqlite:///{folder / 'naive.sqlite3'}"}
    with _running([*before, GUNICORN, "--log-level", "warning", *arguments], port, environ):
        yield f"http://127.0.0.1:{port}/w/key/votes"


@contextlib.contextmanager
def isso(folder: Path) -> Iterator[str]:
    """The address at which Isso takes a comment."""
    folder.mkdir(parents=True)
    port = free_port(1)
    settings = folder / "isso.cfg"
    settings.write_text(ISSO.format(folder=folder, port=port))
    command = [GUNICORN, "--log-level", "error", "-w", WORKERS, "-b", f"127.0.0.1:{port}", "isso.run"]
    with _running(command, port, {"ISSO_SETTINGS": str(settings)}):
        yield f"http://127.0.0.1:{port}/new?uri=%2Fhelp"


@contextlib.contextmanager
def _running(command: Sequence[str], port: int, environ: Mapping[str, str]) -> Iterator[None]:
    if not Path(GUNICORN).exists():
        raise SystemExit("make bench makes the environment of the others; without it there is nothing to compare with.")
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
        _wait(process, port)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 15)
        process.wait(20)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
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
